import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably, writeDurably } from "../../base/durable-file.ts";
import { ignoring } from "../../base/missing-file.ts";

/** Identifies the machine and its start, so that the platform can tell a copy from the original. */
export interface Instance {
  /** A UUID that differs for each start of the machine, and between two copies. */
  bootId: string;
  /** SHA-256 over the machine's hardware identifiers, which it does not reveal. */
  machine: string;
  /** Starts of the agent, counted on the disk: a restored snapshot counts from an earlier number. */
  starts: number;
}

/** "" when the file cannot be read. */
async function read(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(ignoring("not every machine has the file"));
  return text?.trim() ?? "";
}

export async function readInstance(identityFolder: string): Promise<Instance> {
  return {
    bootId: await readBootId(),
    machine: await readMachine(),
    starts: await countStart(identityFolder),
  };
}

/**
 * In a container the kernel's boot id (random(4)) is the host's, so the start time of process 1 is
 * added (proc_pid_stat(5), field 22).
 */
async function readBootId(): Promise<string> {
  const [bootId, stat] = await Promise.all([
    read("/proc/sys/kernel/random/boot_id"),
    read("/proc/1/stat"),
  ]);
  const startedAt = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  const hex = createHash("sha256").update(`outrider boot ${bootId} ${startedAt}`).digest("hex");
  // RFC 9562 section 5.8: UUID version 8, whose bits the implementation chooses.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Hypervisors give a clone another hardware id or at least other MAC addresses; its disk is the
 * same.
 */
async function readMachine(): Promise<string> {
  const addresses = await readCardAddresses("/sys/class/net");
  const hardware = await Promise.all([
    read("/etc/machine-id"),
    read("/sys/class/dmi/id/product_uuid"),
    read("/sys/class/dmi/id/product_serial"),
  ]);
  return createHash("sha256")
    .update(JSON.stringify(["outrider machine", ...hardware, ...addresses.sort()]))
    .digest("hex");
}

/** MAC addresses of the network cards: only their devices have a folder `device`. */
async function readCardAddresses(folder: string): Promise<string[]> {
  const devices = await readdir(folder).catch(ignoring("a container may have no devices"));
  const addresses = (devices ?? []).map(async (name) => {
    const card = await readdir(join(folder, name, "device")).catch(
      ignoring("the device is not a card's"),
    );
    return card ? [await read(join(folder, name, "address"))] : [];
  });
  return (await Promise.all(addresses)).flat();
}

async function countStart(folder: string): Promise<number> {
  const path = join(folder, "starts");
  const before = Number.parseInt(await read(path), 10);
  const starts = (Number.isSafeInteger(before) && before > 0 ? before : 0) + 1;
  try {
    await makeFolderDurably(folder, 0o700);
    await writeDurably(path, String(starts));
  } catch (error) {
    ignoring("the agent calls home with a full disk too")(error);
  }
  return starts;
}
