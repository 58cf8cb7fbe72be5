import { mkdtemp, readdir, readFile, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fact } from "../../base/messages/facts.ts";
import { unreadDocument, type ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import { documentOf } from "../machine/bounded-read.ts";
import { runCommand } from "../machine/systemctl.ts";
import { otherFiles } from "./other-files.ts";
import type { CollectorPlaces } from "./places.ts";
import { configDrive, noCloud, wantedFiles } from "./wanted-files.ts";

/**
 * File systems that the kernel has for discs and sticks. Nobody else's ext4 is mounted: it is too
 * much of a program.
 */
const fileSystems = "iso9660,udf,vfat,exfat";
const mostVolumes = 12;

interface Volume {
  label: string;
  place: string;
  folder: string;
}

/**
 * Discs and sticks: each is mounted read-only, for as long as its files are read. Those of the
 * appliance itself have other file systems and are passed over.
 */
export async function collectVolumes({
  blockDevices,
  mounted,
}: CollectorPlaces): Promise<ZeroTouchDocument[]> {
  const documents: ZeroTouchDocument[] = [];
  for (const label of (await readdir(mounted).catch(() => [])).sort())
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

/**
 * Discs before sticks, each by name. A disc without a medium and a disk of no size hold nothing.
 */
async function candidates(blockDevices: string): Promise<string[]> {
  const names = (await readdir(blockDevices).catch(() => [])).filter((name) =>
    /^(?:sr\d+|(?:s|v|xv)d[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|fd\d)$/.test(name),
  );
  const sized: string[] = [];
  for (const name of names) {
    const size = Number(
      (await readFile(join(blockDevices, name, "size"), "utf8").catch(() => "0")).trim(),
    );
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
    await rmdir(folder).catch(() => undefined);
    // A stick without any of ours that cannot be mounted is nobody's business.
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
    await runCommand("umount", ["--lazy", folder]).catch(() => undefined);
    await rmdir(folder).catch(() => undefined);
  }
}

/** What the volume says of itself, or null when nothing that is known is on it. */
async function probe(device: string): Promise<{ type: string; label: string } | null> {
  // Read anew, not from blkid's cache: discs are changed.
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
