import { readFile } from "node:fs/promises";
import test from "ava";

interface LockedPackage {
  optionalDependencies?: Record<string, string>;
  resolved?: string;
}

/**
 * `npm ci` refuses a lock file that lacks a package which another one names, also one for another
 * system, as a registry without that package produces it. The file must not name the registry
 * either.
 */
test("the lock file names every optional package that npm ci asks for, and no registry", async (t) => {
  const { packages }: { packages: Record<string, LockedPackage> } = JSON.parse(
    await readFile(new URL("../../package-lock.json", import.meta.url), "utf8"),
  );
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
    .filter((name) => !Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`)));
  t.deepEqual(missing, []);
  t.deepEqual(
    Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined),
    [],
  );
});
