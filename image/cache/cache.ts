import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** ~/.cache/outrider: build results, shared by all clones, and logs. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(
    environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache"),
    "outrider",
  );
}

/** A short name for the content of everything given, in order. */
export function contentKey(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    // With its length, so that two lists with the same joined text differ.
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Folders by kind and key. An entry appears whole or not at all: it is built under another name and
 * renamed. Entries that were not used recently are removed, but never one that a process has
 * mounted.
 */
export class BuildCache {
  readonly #folder: string;
  readonly #keepPerKind: number;

  constructor(folder: string, keepPerKind = 3) {
    this.#folder = folder;
    this.#keepPerKind = keepPerKind;
  }

  async find(kind: string, key: string): Promise<string | null> {
    const path = join(this.#folder, `${kind}-${key}`);
    const there = await stat(path).catch(() => null);
    if (there === null) return null;
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return path;
  }

  async get(kind: string, key: string, build: (folder: string) => Promise<void>): Promise<string> {
    const found = await this.find(kind, key);
    if (found !== null) return found;
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, `${kind}-${key}`);
    const unfinished = join(
      this.#folder,
      `unfinished-${process.pid}-${randomBytes(4).toString("hex")}`,
    );
    try {
      await build(unfinished);
      await rename(unfinished, path).catch(async (error: unknown) => {
        // Another run built the same meanwhile.
        if ((await this.find(kind, key)) === null) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    const now = new Date();
    await utimes(path, now, now);
    await this.prune(kind);
    return path;
  }

  /** Removes old entries of a kind, and unfinished entries of killed runs. */
  async prune(kind: string): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const mounted = await mountedPaths();
    const entries: { path: string; usedMs: number }[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      const builder = /^unfinished-(\d+)-/.exec(name)?.[1];
      if (builder !== undefined && !(await isAlive(Number(builder))))
        await rm(path, { recursive: true, force: true });
      // Another run may prune at the same time.
      const found = name.startsWith(`${kind}-`) ? await stat(path).catch(() => null) : null;
      if (found !== null) entries.push({ path, usedMs: found.mtimeMs });
    }
    entries.sort((a, b) => b.usedMs - a.usedMs);
    for (const { path } of entries.slice(this.#keepPerKind)) {
      if (!mounted.some((mount) => mount.includes(path)))
        await rm(path, { recursive: true, force: true });
    }
  }
}

async function isAlive(pid: number): Promise<boolean> {
  return await stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
}

/** Lines of every mount namespace: a lab mounts the system that it runs. */
async function mountedPaths(): Promise<string[]> {
  const lines = new Set<string>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${pid}/mountinfo`, "utf8").catch(() => "");
    for (const line of text.split("\n")) lines.add(line);
  }
  return [...lines];
}
