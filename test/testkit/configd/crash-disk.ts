import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";

/**
 * The states of a disk after a power cut that POSIX allows. Data that was not synced may be there,
 * missing or cut off. Changes of a folder (new name, rename, removal) may each be there or not, in
 * any combination, until the folder is synced: a rename may be there before the file's data, or
 * before an earlier change.
 */
export interface FileNode {
  kind: "file";
  /** The certain content: that of the last sync. */
  certain: Buffer;
  /** Contents written since then. */
  since: Buffer[];
}

type FolderChange =
  | { name: string; node: number | null }
  | { from: string; to: string; node: number };

export interface FolderNode {
  kind: "folder";
  certain: Map<string, number>;
  since: FolderChange[];
}

/** A possible tree: contents of files by path, null for a folder. */
export type Tree = Map<string, Buffer | null>;

const root = 0;

export class CrashDisk {
  readonly #nodes: (FileNode | FolderNode)[] = [{ kind: "folder", certain: new Map(), since: [] }];
  /** The tree that the running program sees. */
  readonly #live = new Map<string, number>([["", root]]);

  /** Takes the present content of a folder as certain. */
  static async of(folder: string): Promise<CrashDisk> {
    const disk = new CrashDisk();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const sorted = entries
      .map((entry) => ({ entry, path: relative(folder, join(entry.parentPath, entry.name)) }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const { entry, path } of sorted) {
      if (entry.isDirectory()) disk.make(path);
      else disk.write(disk.create(path), await readFile(join(folder, path)));
    }
    disk.syncAll();
    return disk;
  }

  has(path: string): boolean {
    return this.#live.has(path);
  }

  make(path: string): void {
    this.#put(path, this.#add({ kind: "folder", certain: new Map(), since: [] }));
  }

  /** Creates an empty file, or empties an existing one. */
  create(path: string): number {
    const present = this.#live.get(path);
    if (present !== undefined) {
      this.write(present, Buffer.alloc(0));
      return present;
    }
    const node = this.#add({ kind: "file", certain: Buffer.alloc(0), since: [] });
    this.#put(path, node);
    return node;
  }

  node(path: string): number {
    const node = this.#live.get(path);
    if (node === undefined) throw new Error(`${path} is not there`);
    return node;
  }

  write(node: number, content: Buffer): void {
    const file = this.#nodes[node];
    if (file?.kind === "file") file.since.push(content);
  }

  rename(from: string, to: string): void {
    if (dirname(from) !== dirname(to))
      throw new Error("a rename into another folder is not modelled");
    const node = this.node(from);
    this.#folderOf(from).since.push({ from: basename(from), to: basename(to), node });
    this.#live.delete(from);
    this.#live.set(to, node);
  }

  remove(path: string): void {
    if (!this.#live.has(path)) return;
    this.#folderOf(path).since.push({ name: basename(path), node: null });
    for (const each of [...this.#live.keys()])
      if (each === path || each.startsWith(`${path}/`)) this.#live.delete(each);
  }

  sync(node: number): void {
    const found = this.#nodes[node];
    if (found?.kind === "file") {
      found.certain = found.since.at(-1) ?? found.certain;
      found.since = [];
    } else if (found?.kind === "folder") {
      for (const change of found.since) applyChange(found.certain, change);
      found.since = [];
    }
  }

  syncAll(): void {
    for (let node = 0; node < this.#nodes.length; node++) this.sync(node);
  }

  /**
   * The trees that a power cut may leave now: all of them when they are few, else the extremes and
   * `most` random ones.
   */
  trees(most: number, chance: () => number): Tree[] {
    const open = this.#nodes.flatMap((node, index) => (node.since.length > 0 ? [index] : []));
    const choices = open.map((index) => this.#choices(index));
    const count = choices.reduce((product, options) => product * options, 1);
    const picks: number[][] = [];
    if (count <= most)
      for (let number = 0; number < count; number++) picks.push(digits(number, choices));
    else {
      picks.push(
        choices.map(() => 0),
        choices.map((options) => options - 1),
      );
      while (picks.length < most)
        picks.push(choices.map((options) => Math.floor(chance() * options)));
    }
    return picks.map((pick) =>
      this.#tree(new Map(open.map((index, position) => [index, pick[position] ?? 0]))),
    );
  }

  #choices(index: number): number {
    const node = this.#nodes[index];
    if (node === undefined) return 1;
    // For a file: its certain content, and each later content, whole or cut off in the middle. For
    // a folder: any of its changes.
    return node.kind === "file" ? 1 + 2 * node.since.length : 2 ** Math.min(node.since.length, 16);
  }

  #tree(pick: ReadonlyMap<number, number>): Tree {
    const tree: Tree = new Map();
    const walk = (index: number, path: string) => {
      const node = this.#nodes[index];
      const choice = pick.get(index) ?? 0;
      if (node?.kind === "file") tree.set(path, contentOf(node, choice));
      if (node?.kind !== "folder") return;
      if (path !== "") tree.set(path, null);
      const names = new Map(node.certain);
      for (const [position, change] of node.since.entries())
        if ((choice >>> position) & 1) applyChange(names, change);
      for (const [name, child] of names) walk(child, path === "" ? name : `${path}/${name}`);
    };
    walk(root, "");
    return tree;
  }

  #add(node: FileNode | FolderNode): number {
    return this.#nodes.push(node) - 1;
  }

  #put(path: string, node: number): void {
    this.#folderOf(path).since.push({ name: basename(path), node });
    this.#live.set(path, node);
  }

  #folderOf(path: string): FolderNode {
    const parent = dirname(path);
    const node = this.#nodes[this.node(parent === "." ? "" : parent)];
    if (node?.kind !== "folder") throw new Error(`${parent} is no folder`);
    return node;
  }
}

function applyChange(names: Map<string, number>, change: FolderChange): void {
  if ("from" in change) {
    names.delete(change.from);
    names.set(change.to, change.node);
  } else if (change.node === null) names.delete(change.name);
  else names.set(change.name, change.node);
}

function contentOf({ certain, since }: FileNode, choice: number): Buffer {
  if (choice === 0) return certain;
  const content = since[Math.floor((choice - 1) / 2)] ?? certain;
  return choice % 2 === 1 ? content : content.subarray(0, Math.floor(content.length / 2));
}

function digits(number: number, bases: readonly number[]): number[] {
  let rest = number;
  return bases.map((base) => {
    const digit = rest % base;
    rest = Math.floor(rest / base);
    return digit;
  });
}

/** Writes a tree into an empty folder. */
export async function layOut(tree: Tree, folder: string): Promise<void> {
  for (const [path, content] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (content === null) await mkdir(join(folder, path), { recursive: true });
    else {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
  }
}
