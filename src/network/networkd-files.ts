import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** networkd's files by name. */
export type NetworkdFiles = ReadonlyMap<string, string>;

/** How netplan names what it makes; files of other makers are not touched. */
const ours = /^10-netplan-.*\.(?:network|netdev)$/;

/**
 * Reads what netplan's generator left. Its `.link` files are left out: they have no naming policy, and udev would take them in
 * place of the system's own file, which has.
 */
export async function readNetworkdFiles(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const files = new Map<string, string>();
  for (const name of names.filter((candidate) => ours.test(candidate)).sort()) files.set(name, await readFile(join(folder, name), "utf8"));
  return files;
}

export interface Replacement {
  written: string[];
  removed: string[];
}

/**
 * Makes `folder` hold just these files, touching only those that differ: `networkctl reload` reconfigures every link whose
 * file has a new inode or time, and a lease that is asked for anew is an outage.
 */
export async function replaceNetworkdFiles(folder: string, files: NetworkdFiles, owner: { uid: number; gid: number } | null): Promise<Replacement> {
  // networkd reads it as its own user, whatever this process's umask is.
  if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755);
  const present = await readNetworkdFiles(folder);
  const changed = [...files].filter(([name, content]) => present.get(name) !== content);
  for (const [name, content] of changed) {
    const temporary = join(folder, `.${name}.tmp`);
    await writeFile(temporary, content, { mode: 0o640 });
    if (owner) await chown(temporary, owner.uid, owner.gid);
    await rename(temporary, join(folder, name));
  }
  const removed = [...present.keys()].filter((name) => !files.has(name));
  for (const name of removed) await rm(join(folder, name), { force: true });
  return { written: changed.map(([name]) => name), removed };
}
