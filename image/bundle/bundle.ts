import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { routes } from "../../src/configd/api/routes.ts";
import { type EntryName, entries, unbundled } from "./entries.ts";
import { type KeepCheck, schemaPlugin } from "./schema-plugin.ts";
import { undiciPlugin } from "./undici-plugin.ts";

export interface Bundle {
  name: EntryName;
  contents: Uint8Array;
  /** Every file that went into it, relative to the project. */
  inputs: string[];
}

/** CommonJS packages inside an ES module ask for Node's own modules by `require`. */
const banner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** Bundles the entries; the same sources give the same bytes. */
export async function bundleAll(
  projectFolder: string,
  names: readonly EntryName[] = entryNames(),
): Promise<Bundle[]> {
  return await Promise.all(names.map((name) => bundleOne(projectFolder, name)));
}

export function entryNames(): EntryName[] {
  const all: Record<EntryName, string> = entries;
  return Object.keys(all).filter((name): name is EntryName => name in entries);
}

/**
 * Keeps the checks of configd's replies out of the agent's bundle where configd gives them only on
 * the console's socket: they are a fifth of the program.
 */
function checksFor(name: EntryName): KeepCheck {
  if (name !== "agent") return () => true;
  const consoleOnly = new Set(
    Object.entries(routes).flatMap(([verb, { sockets }]) =>
      sockets.some((socket) => socket === "agent") ? [] : [verb],
    ),
  );
  return (path, check) => path !== "src/configd/api/reply-validators.ts" || !consoleOnly.has(check);
}

async function bundleOne(projectFolder: string, name: EntryName): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: { [name]: entries[name] },
    outdir: join(projectFolder, "dist/bundle"),
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // One character beyond Latin-1 would have V8 keep the whole text of the program with two bytes
    // a character.
    charset: "ascii",
    // Names stay for stack traces, and lines stay short enough for line numbers to be useful.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    legalComments: "none",
    banner: { js: banner },
    external: [...unbundled],
    plugins: [undiciPlugin(projectFolder), schemaPlugin(projectFolder, checksFor(name))],
    metafile: true,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${entries[name]}`);
  return { name, contents: output.contents, inputs: inputsOf(metafile) };
}

function inputsOf(metafile: Metafile): string[] {
  // Modules dropped by tree shaking are listed as inputs, but are not in the output.
  const used = new Set(
    Object.values(metafile.outputs)
      .flatMap((output) =>
        Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
      )
      .map(([path]) => path),
  );
  return [...used].sort();
}
