import { mkdtemp, readdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fact } from "../../base/messages/facts.ts";
import { ignoring, readTextIfPossible } from "../../base/missing-file.ts";
import { unreadDocument, type ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import { documentOf } from "../machine/bounded-read.ts";
import { runCommand, tryCommand } from "../machine/systemctl.ts";
import { otherFiles } from "./other-files.ts";
import type { CollectorPlaces } from "./places.ts";
import { configDrive, noCloud, wantedFiles } from "./wanted-files.ts";

/**
 * File systems of discs and sticks. An unknown ext4 is never mounted: its kernel code is too large an
 * attack surface for untrusted media.
 */
const fileSystems = "iso9660,udf,vfat,exfat";
const mostVolumes = 12;
const noFolder = ignoring("this machine has no such folder");

interface Volume {
  label: string;
  place: string;
  folder: string;
}

/**
 * Collects the zero-touch files of discs and sticks. Mounts each read-only while its files are read.
 * The appliance's own partitions have other file systems and are skipped.
 */
export async function collectVolumes({
  blockDevices,
  mounted,
}: CollectorPlaces): Promise<ZeroTouchDocument[]> {
  const documents: ZeroTouchDocument[] = [];
  for (const label of ((await readdir(mounted).catch(noFolder)) ?? []).sort())
    documents.push(
      ...(await readVolume({ label, place: `volume ${label}`, folder: join(mounted, label) })),
    );
  for (const device of (await candidates(blockDevices)).slice(0, mostVolumes))
    documents.push(...(await readDevice(device)));
  return documents;
}

async function readVolume({ label, place, folder }: Volume): Promise<ZeroTouchDocument[]> {
  const documents: ZeroTouchDocument[] = [];
  for (const { path, format, source, label: only } of wantedFiles)
    if (only === undefined || only.test(label))
      documents.push(
        ...(await documentOf(join(folder, path), format, source, `${place}: ${path}`)),
      );
  return [
    ...documents,
    ...(await otherFiles(folder, label)).map(({ path, wanted, wrong, right }) =>
      unreadDocument(
        { format: wanted.format, source: wanted.source, place: `${place}: ${path}` },
        wrong,
        right,
      ),
    ),
  ];
}

/** Names of the block devices to read: discs before sticks, each by name. Skips empty drives. */
async function candidates(blockDevices: string): Promise<string[]> {
  const present = (await readdir(blockDevices).catch(noFolder)) ?? [];
  const names = present.filter((name) =>
    /^(?:sr\d+|(?:s|v|xv)d[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|fd\d)$/.test(name),
  );
  const sized: string[] = [];
  for (const name of names) {
    const size = Number((await readTextIfPossible(join(blockDevices, name, "size"))) ?? 0);
    if (size > 0 && !name.startsWith("fd")) sized.push(name);
  }
  return sized.sort(
    (a, b) => Number(b.startsWith("sr")) - Number(a.startsWith("sr")) || a.localeCompare(b),
  );
}

async function readDevice(name: string): Promise<ZeroTouchDocument[]> {
  const device = `/dev/${name}`;
  const facts = await probe(device);
  if (facts === null || !fileSystems.split(",").includes(facts.type)) return [];
  const folder = await mkdtemp(join(tmpdir(), "outrider-volume-"));
  try {
    await runCommand(
      "mount",
      ["-t", facts.type, "-o", "ro,nosuid,nodev,noexec,nosymfollow", device, folder],
      { timeoutMs: 20_000 },
    );
  } catch (error) {
    await rmdir(folder).catch(ignoring("an empty folder does no harm"));
    // Report only volumes whose label says that they are meant for the appliance.
    const said = error instanceof Error ? error.message.slice(0, 200) : String(error);
    return noCloud.test(facts.label) ||
      configDrive.test(facts.label) ||
      /^OVF[ _]?ENV$/i.test(facts.label)
      ? [
          unreadDocument(
            { format: "user-data", source: "volume", place: `${device} ${facts.label}` },
            fact("given-not-mounted", { said }),
          ),
        ]
      : [];
  }
  try {
    return await readVolume({
      label: facts.label,
      place: facts.label === "" ? device : `${device} ${facts.label}`,
      folder,
    });
  } finally {
    await tryCommand("the mount ends with the collector's unit", "umount", ["--lazy", folder]);
    await rmdir(folder).catch(ignoring("an empty folder does no harm"));
  }
}

/** File system and label of a device; null when blkid recognises nothing on it. */
async function probe(device: string): Promise<{ type: string; label: string } | null> {
  // Without blkid's cache, because discs are changed. blkid(8) exits with 2 when it finds nothing.
  const text = await runCommand("blkid", ["-c", "/dev/null", "-o", "export", device], {
    timeoutMs: 10_000,
  }).catch(() => null);
  if (text === null) return null;
  const facts = new Map(
    text
      .toString("utf8")
      .split("\n")
      .map((line): [string, string] => [
        line.split("=", 1)[0] ?? "",
        line.slice(line.indexOf("=") + 1).replace(/\\(.)/g, "$1"),
      ]),
  );
  const type = facts.get("TYPE");
  return type === undefined ? null : { type, label: facts.get("LABEL") ?? "" };
}
