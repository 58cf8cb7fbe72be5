import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/**
 * An ISO image of these files, with Rock Ridge and Joliet names, as cloud images' tools and vCenter
 * make them (Debian's package xorriso).
 */
export async function makeDisc(
  folder: string,
  label: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const content = join(folder, label);
  await mkdir(content);
  for (const [name, text] of Object.entries(files)) await writeFile(join(content, name), text);
  const path = join(folder, `${label}.iso`);
  await execa("xorrisofs", [
    "-quiet",
    "-volid",
    label,
    "-joliet",
    "-rock",
    "-output",
    path,
    content,
  ]);
  return path;
}
