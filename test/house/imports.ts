import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { type Import as Found, init, parse } from "es-module-lexer";
import { execa } from "execa";

/** One import of a file: of another file of the project, or of a package. */
export interface Import {
  /** Path of the importing file, relative to the project. */
  file: string;
  /** A path relative to the project, a module of Node (`node:fs`), or a package's name. */
  target: string;
  /** Set when `target` is a file of the project. */
  local: boolean;
  /** Erased before the program runs: `import type`, or a type such as `import("node:net").Socket`. */
  type: boolean;
  /** The imported names; empty for a dynamic import or a side effect. */
  names: readonly string[];
}

/** Texts by path, relative to the project. */
export type Sources = ReadonlyMap<string, string>;

const project = new URL("../../", import.meta.url).pathname;

/** Every file of the code that git knows of, or would add: also those that are no TypeScript. */
export async function readFiles(): Promise<string[]> {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const { stdout } = await execa("git", [...args, ...codeFolders], { cwd: project });
  return stdout.split("\n");
}

const codeFolders = ["src", "console", "image", "packer", "test"];

/** The texts of those that are TypeScript. */
export async function readSources(files: readonly string[]): Promise<Sources> {
  const entries = await Promise.all(
    files
      .filter((file) => file.endsWith(".ts"))
      .map(async (file) => {
        // A file that was removed and not yet committed is still in git's index.
        const text = await readFile(posix.join(project, file), "utf8").catch(() => null);
        return text === null ? [] : [[file, text] as const];
      }),
  );
  return new Map(entries.flat());
}

/** Every import of every file: static, dynamic, and by `process.getBuiltinModule`. */
export async function readImports(sources: Sources): Promise<Import[]> {
  await init;
  return [...sources].flatMap(([file, text]) => [
    ...parse(text, file)[0].flatMap((found) => importOf(file, text, found)),
    ...[...text.matchAll(/getBuiltinModule\("([^"]+)"\)/g)].map(([, target = ""]) => ({
      ...noNames(file, target),
      target,
    })),
  ]);
}

function importOf(file: string, text: string, found: Found): Import[] {
  const { specifier } = found;
  // `import.meta` has no specifier.
  if (typeof specifier !== "string") return [];
  const type = found.type === "dynamic" ? found.probablyTypeOnly : found.typeOnly;
  const names = namesIn(text.slice(found.importStart, found.importEnd));
  if (!specifier.startsWith("."))
    return [{ ...noNames(file, packageName(specifier)), type, names }];
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  return [{ file, target, local: true, type, names }];
}

function noNames(file: string, target: string): Import {
  return { file, target, local: false, type: false, names: [] };
}

/** `yaml` of `yaml/util`; modules of Node keep their whole name. */
function packageName(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function namesIn(statement: string): string[] {
  const inBraces = /\{([^}]*)\}/.exec(statement)?.[1] ?? "";
  const names = inBraces.split(",").map((name) => name.trim().replace(/^type |\s+as\s.*$/g, ""));
  return names.filter((name) => name !== "");
}
