import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../image/cache/cache.ts";
import { generatorPath } from "../../src/network/generate.ts";

const loader = "lib64/ld-linux-x86-64.so.2";
const libraries = "usr/lib/x86_64-linux-gnu";

/**
 * netplan's generator as a command: the one that is named, the image's own out of the build cache,
 * run by that system's loader and libraries, or this machine's; null where there is none.
 */
export async function findNetplanGenerator(): Promise<[string, ...string[]] | null> {
  const named = process.env.OUTRIDER_NETPLAN_GENERATE;
  if (named !== undefined) return [named];
  for (const base of await builtBases()) {
    const program = join(base, generatorPath);
    if ((await isThere(program)) && (await isThere(join(base, loader))))
      return [join(base, loader), "--library-path", join(base, libraries), program];
  }
  return (await isThere(generatorPath)) ? [generatorPath] : null;
}

/** Newest first. */
async function builtBases(): Promise<string[]> {
  const names = await readdir(cacheFolder()).catch(() => []);
  const bases = names
    .filter((name) => /^base-[0-9a-f]+$/.test(name))
    .map((name) => join(cacheFolder(), name));
  const dated = await Promise.all(
    bases.map(async (base) => ({ base, at: (await stat(base).catch(() => null))?.mtimeMs ?? 0 })),
  );
  return dated.sort((a, b) => b.at - a.at).map(({ base }) => base);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
