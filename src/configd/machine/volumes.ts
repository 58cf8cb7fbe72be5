import { mkdtemp, open, readdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import { ignoring } from "../../base/missing-file.ts";
import { volumeId, volumePath } from "../api/tool-names.ts";
import { certificateText } from "./bounded-read.ts";
import { runCommand } from "./systemctl.ts";
import type { Volume } from "./tools.ts";

/**
 * File systems of sticks and discs. An unknown ext4 is never mounted: its kernel code is too large an
 * attack surface for untrusted media.
 */
const fileSystems = ["vfat", "exfat", "iso9660", "udf"];
/** Partition types of EFI system partitions in GPT and MBR: other systems hide them too. */
const systemPartitions = ["c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "0xef"];
const certificateFile = /\.(?:pem|crt|cer|ca)$/i;
const mostFiles = 50;
const mostVolumes = 12;

/** The volumes in lsblk's output, without disks that are in use: those are the appliance's own. */
export function readVolumes(value: unknown): Volume[] {
  const devices: unknown =
    typeof value === "object" && value !== null ? Reflect.get(value, "blockdevices") : [];
  return (Array.isArray(devices) ? devices : []).flatMap(volumesOf).slice(0, mostVolumes);
}

function volumesOf(disk: unknown): Volume[] {
  const all = withChildren(disk);
  // The appliance's own disk also has partitions that are not mounted.
  return all.some(inUse) ? [] : all.flatMap(volumeOf);
}

function withChildren(device: unknown): object[] {
  if (typeof device !== "object" || device === null) return [];
  const children: unknown = Reflect.get(device, "children");
  return [...(Array.isArray(children) ? children.flatMap(withChildren) : []), device];
}

function inUse(device: object): boolean {
  const mounts: unknown = Reflect.get(device, "mountpoints");
  return Array.isArray(mounts) && mounts.some((each) => typeof each === "string");
}

function volumeOf(device: object): Volume[] {
  const field = (name: string): unknown => Reflect.get(device, name);
  const text = (name: string) => (typeof field(name) === "string" ? String(field(name)) : "");
  const id = text("name");
  if (
    !volumeId.test(id) ||
    !fileSystems.includes(text("fstype")) ||
    systemPartitions.includes(text("parttype").toLowerCase())
  )
    return [];
  const disc = text("fstype") === "iso9660" || text("fstype") === "udf" || field("ro") === true;
  const label = text("label")
    .replace(/[^ -~]/g, "?")
    .slice(0, 40);
  return [
    {
      id,
      label,
      fileSystem: text("fstype"),
      sizeBytes: Number(field("size")) || 0,
      writable: !disc,
    },
  ];
}

/**
 * `configd volumes list | files ID | read ID FILE | write ID FILE`. Runs in a unit of its own that
 * may use the devices.
 */
export async function volumesProgram([verb, id = "", file = ""]: readonly string[]): Promise<void> {
  if (verb === "list") return print(await listing());
  if (!volumeId.test(id)) throw new OutriderError("volume-missing", { detail: quoted(id) });
  if (verb === "files")
    return mounted(id, false, async (folder) => print((await certificateFiles(folder)).join("\n")));
  if (!volumePath.test(file))
    throw new OutriderError("request-invalid", { detail: fact("file-name") });
  if (verb === "read")
    return mounted(id, false, async (folder) =>
      print((await certificateText(join(folder, file))) ?? ""),
    );
  if (verb === "write") {
    // Standard input is a socket here, which /dev/stdin cannot open by its path.
    const content = await buffer(process.stdin);
    return mounted(id, true, (folder) => write(join(folder, file), content));
  }
  throw new Error(`there is no verb ${verb}`);
}

async function listing(): Promise<string> {
  return (
    await runCommand("lsblk", [
      "--json",
      "--bytes",
      "--output=NAME,FSTYPE,LABEL,PARTTYPE,SIZE,RO,MOUNTPOINTS",
    ])
  ).toString("utf8");
}

async function mounted(
  id: string,
  writing: boolean,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const volume = readVolumes(JSON.parse(await listing())).find((each) => each.id === id);
  if (volume === undefined) throw new OutriderError("volume-missing", { detail: quoted(id) });
  const folder = await mkdtemp(join(tmpdir(), "outrider-volume-"));
  const options = `${writing ? "rw,flush" : "ro"},nosuid,nodev,noexec,nosymfollow`;
  await runCommand(
    "mount",
    [
      "-t",
      volume.fileSystem,
      "-o",
      volume.fileSystem === "vfat" ? options : options.replace(",flush", ""),
      `/dev/${id}`,
      folder,
    ],
    {
      timeoutMs: 20_000,
    },
  );
  try {
    await work(folder);
  } finally {
    await runCommand("umount", [folder], { timeoutMs: 30_000 });
    await rmdir(folder).catch(ignoring("the unit's private /tmp goes with it"));
  }
}

const unreadable = ignoring("a damaged folder hides only its own files");

/** Names of the volume's certificate files, in its root and one folder deep. */
async function certificateFiles(folder: string): Promise<string[]> {
  const top = await readdir(folder, { withFileTypes: true });
  const found = top
    .filter((entry) => entry.isFile() && certificateFile.test(entry.name))
    .map(({ name }) => name);
  for (const entry of top.filter((each) => each.isDirectory()).slice(0, mostFiles))
    for (const name of (await readdir(join(folder, entry.name)).catch(unreadable)) ?? [])
      if (certificateFile.test(name)) found.push(`${entry.name}/${name}`);
  return found
    .filter((name) => volumePath.test(name))
    .sort()
    .slice(0, mostFiles);
}

async function write(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function print(text: string): void {
  process.stdout.write(text);
}
