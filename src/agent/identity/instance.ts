import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably, writeDurably } from "../../base/durable-file.ts";

/** Which start of which machine this is, so that the platform can tell a copy from the original. */
export interface Instance {
  /** As a UUID: another one with each start of the machine, and for each of two copies. */
  bootId: string;
  /** SHA-256 over what this machine is known by; nothing can be read out of it. */
  machine: string;
  /**
   * Starts of the agent, counted on the disk: a machine that was set back counts from an earlier
   * number again.
   */
  starts: number;
}

const read = (path: string) =>
  readFile(path, "utf8").then(
    (text) => text.trim(),
    () => "",
  );

export async function readInstance(identityFolder: string): Promise<Instance> {
  return {
    bootId: await readBootId(),
    machine: await readMachine(),
    starts: await countStart(identityFolder),
  };
}

/**
 * The kernel's boot id (random(4)) is the host's in a container, so the moment at which process 1
 * was started is added (proc_pid_stat(5), field 22).
 */
async function readBootId(): Promise<string> {
  const [bootId, stat] = await Promise.all([
    read("/proc/sys/kernel/random/boot_id"),
    read("/proc/1/stat"),
  ]);
  const startedAt = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  const hex = createHash("sha256").update(`outrider boot ${bootId} ${startedAt}`).digest("hex");
  // RFC 9562 section 5.8: version 8, a UUID of one's own making.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Hypervisors give a clone another hardware id or at least other network cards; what is on its disk
 * is the same.
 */
async function readMachine(): Promise<string> {
  const cards = await readdir("/sys/class/net").catch(() => []);
  const physical = await Promise.all(
    cards.map(async (name) =>
      (await readdir(join("/sys/class/net", name, "device")).catch(() => null)) ? name : null,
    ),
  );
  const addresses = await Promise.all(
    physical.flatMap((name) =>
      name === null ? [] : [read(join("/sys/class/net", name, "address"))],
    ),
  );
  const hardware = await Promise.all([
    read("/etc/machine-id"),
    read("/sys/class/dmi/id/product_uuid"),
    read("/sys/class/dmi/id/product_serial"),
  ]);
  return createHash("sha256")
    .update(JSON.stringify(["outrider machine", ...hardware, ...addresses.sort()]))
    .digest("hex");
}

async function countStart(folder: string): Promise<number> {
  const path = join(folder, "starts");
  const before = Number.parseInt(await read(path), 10);
  const starts = (Number.isSafeInteger(before) && before > 0 ? before : 0) + 1;
  try {
    await makeFolderDurably(folder, 0o700);
    await writeDurably(path, String(starts));
  } catch {
    // A full disk keeps nobody from calling home.
  }
  return starts;
}
