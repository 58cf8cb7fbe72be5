import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * networkd's files by their path below its folder; a drop-in has a path such as
 * `10-netplan-lan.network.d/50-split.conf`.
 */
export type NetworkdFiles = ReadonlyMap<string, string>;

/** The names of files that netplan makes; other files are not touched. */
const ours = /^10-netplan-.*\.(?:network|netdev)$/;
const ourDropIns = /^10-netplan-.*\.(?:network|netdev)\.d$/;

/**
 * Reads the generator's files and drop-ins for them. Its `.link` files are left out: they have no
 * naming policy, and udev would use them instead of the system's own file, which has one.
 */
export async function readNetworkdFiles(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => ours.test(name));
  for (const name of names.filter((candidate) => ourDropIns.test(candidate))) {
    const dropIns = await readdir(join(folder, name)).catch(() => []);
    paths.push(...dropIns.filter((each) => each.endsWith(".conf")).map((each) => join(name, each)));
  }
  const files = new Map<string, string>();
  for (const path of paths.sort()) files.set(path, await readFile(join(folder, path), "utf8"));
  return files;
}

export interface Replacement {
  written: string[];
  removed: string[];
  /**
   * Netdevs that must be deleted by hand: networkd neither removes one nor changes its tag or card.
   */
  staleNetdevs: string[];
  /** Links whose role or routing table has changed. */
  movedLinks: string[];
}

/**
 * Makes `folder` hold exactly these files, touching only those that differ: `networkctl reload`
 * reconfigures every link whose file has a new inode or time, and requesting a lease again is an
 * outage.
 */
export async function replaceNetworkdFiles(
  folder: string,
  files: NetworkdFiles,
  owner: { uid: number; gid: number } | null,
): Promise<Replacement> {
  await makeOpenFolder(folder);
  const present = await readNetworkdFiles(folder);
  const changed = [...files].filter(([path, content]) => present.get(path) !== content);
  for (const [path, content] of changed) {
    const target = join(folder, path);
    await makeOpenFolder(dirname(target));
    const temporary = join(dirname(target), `.${basename(target)}.tmp`);
    await writeFile(temporary, content, { mode: 0o640 });
    if (owner) await chown(temporary, owner.uid, owner.gid);
    await rename(temporary, target);
  }
  const removed = [...present.keys()].filter((path) => !files.has(path));
  for (const path of removed) {
    await rm(join(folder, path), { force: true });
    // A folder with drop-ins of others is not empty, and stays.
    if (dirname(path) !== ".") await rmdir(join(folder, dirname(path))).catch(() => undefined);
  }
  return {
    written: changed.map(([path]) => path),
    removed,
    staleNetdevs: staleNetdevs(present, files),
    movedLinks: movedLinks(present, files),
  };
}

/**
 * networkd reads the folder as its own user, so its mode must not depend on this process's umask.
 */
async function makeOpenFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755);
}

function movedLinks(before: NetworkdFiles, after: NetworkdFiles): string[] {
  const old = identitiesOf(before);
  const now = identitiesOf(after);
  return [...old]
    .filter(([device, identity]) => now.get(device) !== identity)
    .map(([device]) => device);
}

/** For each device its id in netplan and the routing tables in its drop-ins. */
function identitiesOf(files: NetworkdFiles): Map<string, string> {
  const found = new Map<string, string>();
  for (const [path, content] of files) {
    const id = /^10-netplan-([^/]+)\.network$/.exec(path)?.[1];
    const device = /^\[Match\]\nName=(\S+)$/m.exec(content)?.[1];
    if (id === undefined || device === undefined) continue;
    const dropIns = [...files]
      .filter(([each]) => each.startsWith(`${path}.d/`))
      .flatMap(([, text]) => /^RouteTable=.*$/m.exec(text) ?? []);
    found.set(device, [id, ...dropIns].join(" "));
  }
  return found;
}

function staleNetdevs(before: NetworkdFiles, after: NetworkdFiles): string[] {
  const old = netdevsOf(before);
  const now = netdevsOf(after);
  return [...old].filter(([name, kind]) => now.get(name) !== kind).map(([name]) => name);
}

/** The identity of a VLAN's netdev: its tag and its card. */
function netdevsOf(files: NetworkdFiles): Map<string, string> {
  const found = new Map<string, string>();
  for (const content of files.values()) {
    const name = /^\[NetDev\]\nName=(\S+)$/m.exec(content)?.[1];
    if (name === undefined) continue;
    const tag = /^Id=(\d+)$/m.exec(content)?.[1] ?? "";
    const parent =
      [...files.values()].find((each) => new RegExp(`^VLAN=${name}$`, "m").test(each)) ?? "";
    found.set(name, `${tag} ${/^\[Match\]\n(.*)$/m.exec(parent)?.[1] ?? ""}`);
  }
  return found;
}
