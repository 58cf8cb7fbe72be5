import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { TSchema } from "@sinclair/typebox";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import type { Plugin } from "esbuild";
import { validationOptions } from "../../src/base/validation.ts";
import { shareParts } from "./shared-parts.ts";

/** Whether the bundled program uses the check of this name in the validators file at `path`. */
export type KeepCheck = (path: string, name: string) => boolean;

/**
 * Compiles the schemas at build time instead of run time, so that the bundles carry neither ajv nor
 * TypeBox (about 20 MB of memory for each process): a file named `validators.ts` becomes compiled
 * checks, and any other file that makes TypeBox schemas becomes the plain data that it exports.
 */
export function schemaPlugin(projectFolder: string, keep: KeepCheck = () => true): Plugin {
  const checks = join(projectFolder, "src/base/checks.ts");
  return {
    name: "schemas",
    setup(build) {
      build.onLoad({ filter: /[/-]validators\.ts$/ }, async ({ path }) => {
        const contents = validatorsModule(
          await loadExports(path),
          importPath(path, checks),
          path,
          (name) => keep(relative(projectFolder, path), name),
        );
        return { contents, loader: "js", resolveDir: dirname(path) };
      });
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path.includes("/node_modules/")) return undefined;
        const source = await readFile(path, "utf8");
        // An import of types only leaves nothing in the bundle.
        if (!/^import (?!type\b)[^;]*["']@sinclair\/typebox["']/m.test(source)) return undefined;
        const contents = dataModule(await loadExports(path), path);
        return { contents, loader: "js", resolveDir: dirname(path) };
      });
    },
  };
}

async function loadExports(path: string): Promise<Record<string, unknown>> {
  const loaded: unknown = await import(pathToFileURL(path).href);
  return { ...(typeof loaded === "object" ? loaded : {}) };
}

function importPath(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

function isSchema(value: unknown): value is TSchema {
  return (
    typeof value === "object" && value !== null && Object.getOwnPropertySymbols(value).length > 0
  );
}

/** The text of a module whose `validators` are those of the file, compiled. */
export function validatorsModule(
  exports: Record<string, unknown>,
  checksPath: string,
  path: string,
  keep: (name: string) => boolean = () => true,
): string {
  const { schemas } = exports;
  if (typeof schemas !== "object" || schemas === null)
    throw new Error(`${path} must export its schemas as \`schemas\`: the build compiles them`);
  const ajv = new Ajv({
    ...validationOptions,
    inlineRefs: false,
    code: { source: true, esm: true },
  });
  // ajv would declare the same schema under two names twice in its output.
  const variables = new Map<string, string>();
  const entries = Object.entries(schemas)
    .filter(([name]) => keep(name))
    .map(([name, schema]) => {
      if (!isSchema(schema)) throw new Error(`${path}: schemas.${name} is not a TypeBox schema`);
      const text = JSON.stringify(schema);
      const variable = variables.get(text) ?? `check${variables.size}`;
      variables.set(text, variable);
      return `${JSON.stringify(name)}: ${variable}`;
    });
  const plain = new Map([...variables].map(([text, variable]) => [variable, JSON.parse(text)]));
  // settings/clearest-violation.ts explains a problem by the path in the schema. A shared part
  // would cut that path short, so this file's schemas stay whole.
  const shared = path.endsWith("src/settings/validators.ts")
    ? { schemas: plain, parts: new Map() }
    : shareParts(plain);
  for (const [id, part] of [...shared.parts, ...shared.schemas])
    if (typeof part === "object" && part !== null) ajv.addSchema(part, id);
  return [
    `import { mapChecks } from ${JSON.stringify(checksPath)};`,
    standalone.default(
      ajv,
      Object.fromEntries([...variables.values()].map((variable) => [variable, variable])),
    ),
    `export const validators = /* @__PURE__ */ mapChecks({ ${entries.join(", ")} });`,
  ].join("\n");
}

/** The text of a module with the same exports as plain data. Schemas stay as JSON Schema. */
export function dataModule(exports: Record<string, unknown>, path: string): string {
  return Object.entries(exports)
    .map(([name, value]) => {
      if (typeof value === "function")
        throw new Error(
          `${path} makes TypeBox schemas and exports the function ${name}: put one of them into a file of its own`,
        );
      return `export const ${name} = ${JSON.stringify(value)};`;
    })
    .join("\n");
}
