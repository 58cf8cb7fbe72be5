import { diskFiles, type SpoolFiles } from "../../../src/agent/spool/files.ts";
import { OutriderError } from "../../../src/base/messages/error.ts";

/** A disk on which a test lets writes fail for want of space. */
export function faultyFiles(fails: (write: number) => boolean): SpoolFiles & { writes: number } {
  const disk = diskFiles();
  const faulty = {
    ...disk,
    writes: 0,
    write: (path: string, content: string | Uint8Array) => trying(() => disk.write(path, content)),
    makeFolder: (path: string) => trying(() => disk.makeFolder(path)),
    moveEmptied: (from: string, to: string) => trying(() => disk.moveEmptied(from, to)),
    move: (from: string, to: string) => trying(() => disk.move(from, to)),
  };
  const trying = async <T>(write: () => Promise<T>): Promise<T> => {
    if (fails(faulty.writes++)) throw new OutriderError("storage-full");
    return write();
  };
  return faulty;
}

/** A disk in memory, for tests that would take minutes on a real one. */
export function memoryFiles(): SpoolFiles {
  const files = new Map<string, Buffer>();
  const below = (folder: string) =>
    [...files.keys()].filter((path) => path.startsWith(`${folder}/`));
  return {
    read: async (path) => {
      const content = files.get(path);
      return content ? Buffer.from(content) : null;
    },
    write: async (path, content) => void files.set(path, Buffer.from(content)),
    removeAbandoned: async () => undefined,
    list: async (folder) => [
      ...new Set(below(folder).map((path) => path.slice(folder.length + 1).split("/")[0] ?? "")),
    ],
    size: async (path) => files.get(path)?.length ?? null,
    usage: async (folder) =>
      below(folder).reduce((sum, path) => sum + (files.get(path)?.length ?? 0) + 512, 0),
    makeFolder: async () => undefined,
    moveEmptied: async (from, to) => {
      const bytes = files.get(from)?.length ?? null;
      if (bytes === null) return null;
      files.delete(from);
      files.set(to, Buffer.alloc(0));
      return bytes;
    },
    move: async (from, to) => {
      for (const path of files.has(from) ? [from] : below(from)) {
        files.set(to + path.slice(from.length), files.get(path) ?? Buffer.alloc(0));
        files.delete(path);
      }
    },
    remove: async (path) => void files.delete(path),
    removeFolder: async (folder) => {
      for (const path of below(folder)) files.delete(path);
    },
  };
}

/**
 * A disk in memory on which files and folders of these names cannot be read, as with bad sectors,
 * until they are written again.
 */
export function unreadableFiles(disk: SpoolFiles, unreadable: Set<string>): SpoolFiles {
  const reading = async <T>(path: string, read: () => Promise<T>): Promise<T> => {
    if (unreadable.has(path)) throw new OutriderError("storage-damaged");
    return read();
  };
  return {
    ...disk,
    read: (path) => reading(path, () => disk.read(path)),
    list: (folder) => reading(folder, () => disk.list(folder)),
    write: async (path, content) => {
      await disk.write(path, content);
      unreadable.delete(path);
    },
    move: async (from, to) => {
      await disk.move(from, to);
      for (const path of [...unreadable])
        if (path.startsWith(`${from}/`) && unreadable.delete(path))
          unreadable.add(to + path.slice(from.length));
    },
  };
}
