import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { dirname, relative } from "node:path";
import type { CrashDisk } from "./crash-disk.ts";

/** Called before the first change of the disk and after each one. */
export type OnChange = (what: string, disk: CrashDisk) => void;

type Files = typeof promises;
const recorded = ["open", "rename", "rm", "mkdir", "writeFile"] as const;
/** Other functions that change a folder; code that uses one of them would not be recorded. */
const refused = [
  "appendFile",
  "copyFile",
  "cp",
  "link",
  "rmdir",
  "symlink",
  "truncate",
  "unlink",
] as const;

/**
 * Runs work on files below `root` and repeats each of its changes on the model of a disk. It
 * replaces the functions of node:fs/promises for every module of this process, so that no change is
 * missed.
 */
export async function recordChanges(
  root: string,
  disk: CrashDisk,
  onChange: OnChange,
  work: () => Promise<unknown>,
): Promise<void> {
  const original: Files = { ...promises };
  const inside = (path: unknown): string | null => {
    if (typeof path !== "string" && !(path instanceof URL)) return null;
    const place = relative(root, String(path));
    return place.startsWith("..") ? null : place;
  };
  const done = (what: string) => onChange(what, disk);

  const replacements: Partial<Record<keyof Files, unknown>> = {
    open: async (path: string, flags?: string | number, mode?: number) => {
      const handle = await original.open(path, flags, mode);
      const place = inside(path);
      if (place === null) return handle;
      const writes = typeof flags === "string" && /^[wa]/.test(flags);
      if (writes) {
        disk.create(place);
        done(`create ${place}`);
      }
      return watchHandle(handle, disk.node(place), place, disk, done);
    },
    rename: async (from: string, to: string) => {
      await original.rename(from, to);
      const [source, target] = [inside(from), inside(to)];
      if (source === null || target === null) return;
      disk.rename(source, target);
      done(`rename ${source} ${target}`);
    },
    rm: async (path: string, options?: Parameters<Files["rm"]>[1]) => {
      await original.rm(path, options);
      const place = inside(path);
      if (place === null || !disk.has(place)) return;
      disk.remove(place);
      done(`remove ${place}`);
    },
    mkdir: async (path: string, options?: { recursive?: boolean; mode?: number }) => {
      const result = await original.mkdir(path, options);
      const place = inside(path);
      const missing: string[] = [];
      for (
        let each = place;
        each !== null && each !== "." && each !== "" && !disk.has(each);
        each = dirname(each)
      )
        missing.unshift(each);
      for (const each of missing) {
        disk.make(each);
        done(`make ${each}`);
      }
      return result;
    },
    writeFile: async (
      path: string,
      data: string | Uint8Array,
      options?: Parameters<Files["writeFile"]>[2],
    ) => {
      await original.writeFile(path, data, options);
      const place = inside(path);
      if (place === null) return;
      disk.write(disk.create(place), Buffer.from(data));
      done(`write ${place}`);
    },
  };
  for (const name of refused)
    replacements[name] = (...words: unknown[]) => {
      if (words.some((word) => inside(word) !== null)) throw new Error(`${name} is not recorded`);
      return Reflect.apply(original[name], promises, words);
    };

  Object.assign(promises, replacements);
  syncBuiltinESMExports();
  try {
    done("nothing yet");
    await work();
  } finally {
    for (const name of [...recorded, ...refused]) Reflect.set(promises, name, original[name]);
    syncBuiltinESMExports();
  }
}

function watchHandle(
  handle: promises.FileHandle,
  node: number,
  place: string,
  disk: CrashDisk,
  done: (what: string) => void,
): promises.FileHandle {
  return new Proxy(handle, {
    get: (target, name) => {
      if (name === "writeFile")
        return async (data: string | Uint8Array) => {
          await target.writeFile(data);
          disk.write(node, Buffer.from(data));
          done(`write ${place}`);
        };
      if (name === "sync" || name === "datasync")
        return async () => {
          await target.sync();
          disk.sync(node);
          done(`sync ${place === "" ? "/" : place}`);
        };
      if (name === "write" || name === "writev" || name === "appendFile" || name === "truncate")
        throw new Error(`${String(name)} is not recorded`);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
