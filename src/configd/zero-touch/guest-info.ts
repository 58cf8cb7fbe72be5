import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { ForeignText } from "../../base/foreign-text.ts";
import { fact } from "../../base/messages/facts.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import { unpackText } from "../../base/packed-text.ts";
import {
  largestDocumentCharacters,
  unreadDocument,
  type ZeroTouchDocument,
} from "../../settings/zero-touch/document.ts";
import type { CollectorPlaces } from "./places.ts";

/** Programs of the package open-vm-tools that read guest variables; the faster one first. */
const programs: readonly (readonly [path: string, ...before: string[]])[] = [
  ["/usr/bin/vmware-rpctool"],
  ["/usr/bin/vmtoolsd", "--cmd"],
];
const timeoutMs = 5000;

const wanted = [
  { key: "guestinfo.outrider.settings", format: "settings-yaml", source: "VMware guestinfo" },
  { key: "guestinfo.outrider.user-data", format: "user-data", source: "VMware guestinfo" },
  // The variable that cloud-init's VMware data source reads, so that one template serves both.
  { key: "guestinfo.userdata", format: "user-data", source: "VMware guestinfo" },
  { key: "guestinfo.metadata", format: "meta-data", source: "VMware guestinfo" },
  { key: "guestinfo.ovfEnv", format: "ovf-environment", source: "OVF environment" },
] as const;

/** Collects VMware's guest variables: those set for the machine, and the OVF environment. */
export async function collectGuestInfo(
  { dmi }: CollectorPlaces,
  run: (key: string) => Promise<Uint8Array | null> = askHypervisor,
): Promise<ZeroTouchDocument[]> {
  const vendor = await readTextIfPossible(join(dmi, "sys_vendor"));
  // On other hypervisors the programs would wait for a reply that never comes.
  if (vendor === null || !/vmware/i.test(vendor)) return [];
  const documents: ZeroTouchDocument[] = [];
  for (const { key, format, source } of wanted) {
    const value = await run(key);
    if (value === null) continue;
    const encoding = format === "ovf-environment" ? null : await run(`${key}.encoding`);
    const decoded = unpack(value, Buffer.from(encoding ?? []).toString("latin1"));
    if (!decoded.ok)
      documents.push(unreadDocument({ format, source, place: key }, decoded.wrong, decoded.right));
    else if (decoded.text.length > largestDocumentCharacters)
      documents.push(
        unreadDocument(
          { format, source, place: key },
          fact("given-long", { most: largestDocumentCharacters }),
        ),
      );
    else if (decoded.text.trim() !== "")
      documents.push({ format, source, place: key, text: decoded.text });
  }
  return documents;
}

/** `encoding` as cloud-init's VMware source has it: base64, b64, gzip+base64, gz+b64. */
function unpack(value: Uint8Array, encoding: string): ForeignText {
  const bytes = /(?:base64|b64)$/i.test(encoding.trim())
    ? Buffer.from(Buffer.from(value).toString("latin1"), "base64")
    : value;
  return unpackText(bytes, largestDocumentCharacters);
}

/** The variable's value; null when it is not set, and the programs exit with 1. */
async function askHypervisor(key: string): Promise<Uint8Array | null> {
  for (const [path, ...before] of programs) {
    if (!existsSync(path)) continue;
    const { exitCode, stdout } = await execa(path, [...before, `info-get ${key}`], {
      reject: false,
      timeout: timeoutMs,
      stdin: "ignore",
      encoding: "buffer",
      maxBuffer: 2 ** 20,
    });
    return exitCode === 0 ? stdout : null;
  }
  return null;
}
