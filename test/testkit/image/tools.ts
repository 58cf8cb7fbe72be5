import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];

/** Why tests that need this command cannot run here, or undefined when they can. */
export function missingTool(command: string, debianPackage: string): string | undefined {
  return folders.some((folder) => existsSync(join(folder, command)))
    ? undefined
    : `${command}, from the Debian package ${debianPackage}, is not installed`;
}

export function missingFile(path: string, what: string): string | undefined {
  return existsSync(path) ? undefined : `${what} is not there`;
}

/** A test's title, with the missing tool if the test is skipped. */
export function titled(title: string, missing: string | undefined): string {
  return missing === undefined ? title : `${title} (skipped: ${missing})`;
}
