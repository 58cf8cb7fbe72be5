import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ignoring } from "./missing-file.ts";

/**
 * The version of this software: from the file `version` beside the bundles in the image, from
 * package.json in development; "unknown" when neither has one.
 */
export async function softwareVersion(entry: string = process.argv[1] ?? ""): Promise<string> {
  const beside = await readFile(join(dirname(entry), "version"), "utf8").catch(
    ignoring("only the image has this file"),
  );
  if (beside !== undefined && beside.trim() !== "") return beside.trim().slice(0, 100);
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8").catch(
    ignoring("the image has no package.json"),
  );
  const parsed: unknown = JSON.parse(manifest ?? "{}");
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed
      ? parsed.version
      : undefined;
  return typeof version === "string" ? version : "unknown";
}
