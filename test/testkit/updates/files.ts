import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContentFile } from "../../../src/updates/consumer.ts";

export const pathIn =
  (folder: string) =>
  ({ sha256 }: ContentFile): string =>
    join(folder, "targets", sha256);

/** A fetched file `core` of such a text. */
export async function fetchedFile(folder: string, text: string): Promise<ContentFile> {
  const sha256 = createHash("sha256").update(text).digest("hex");
  const file = { name: "core", version: text, sha256, length: Buffer.byteLength(text) };
  await mkdir(join(folder, "targets"), { recursive: true });
  await writeFile(pathIn(folder)(file), text);
  return file;
}
