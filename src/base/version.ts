import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * The version of this software. In the image the file `version` lies beside the bundles; in
 * development package.json has it.
 */
export async function softwareVersion(entry: string = process.argv[1] ?? ""): Promise<string> {
  const beside = await readFile(join(dirname(entry), "version"), "utf8").catch(() => null);
  if (beside !== null && beside.trim() !== "") return beside.trim().slice(0, 100);
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8").catch(
    () => "{}",
  );
  const parsed: unknown = JSON.parse(manifest);
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed
      ? parsed.version
      : undefined;
  return typeof version === "string" ? version : "unknown";
}
