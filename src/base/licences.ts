import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ignoring } from "./missing-file.ts";

const inDevelopment = `\
Outrider has the Apache License 2.0: the file LICENSE of this project says it whole. The notices
of the packages that go into an image are collected when one is built; here they lie in
node_modules, in the folder of each package.
`;

/**
 * The notices of all that this software is made of: from the file beside the bundles in the image.
 * In development there is none, and the text says where the notices are.
 */
export async function licences(entry: string = process.argv[1] ?? ""): Promise<string> {
  const beside = await readFile(join(dirname(entry), "licences.txt"), "utf8").catch(
    ignoring("only the image has this file"),
  );
  return beside ?? inDevelopment;
}
