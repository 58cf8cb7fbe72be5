import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ignoring } from "../../base/missing-file.ts";
import { unreadDocument, type ZeroTouchDocument } from "../../settings/zero-touch/document.ts";
import { readFailure, readLimited } from "../machine/bounded-read.ts";
import type { CollectorPlaces } from "./places.ts";

const prefix = "outrider.";
/** Credentials that hold a whole document instead of one value. */
const whole = { "outrider.settings": "settings-yaml", "outrider.user-data": "user-data" } as const;
/** Credentials that are no settings: the image's self-test. */
const others = ["outrider.selftest"];
const noFolder = ignoring("this machine has no such source");

/**
 * Collects the machine's credentials that systemd imported (systemd.system-credentials(7)) from
 * SMBIOS type 11 strings and fw_cfg files below opt/io.systemd.credentials/; and fw_cfg files below
 * opt/outrider/, for machines on which systemd imports none.
 */
export async function collectCredentials({
  credentials,
  firmwareConfiguration,
}: CollectorPlaces): Promise<ZeroTouchDocument[]> {
  const found: [source: string, place: string, name: string, path: string][] = [];
  for (const name of ((await readdir(credentials).catch(noFolder)) ?? []).sort())
    if (name.startsWith(prefix) && !others.includes(name))
      found.push(["machine credentials", "SMBIOS or fw_cfg", name, join(credentials, name)]);
  const fwCfg = join(firmwareConfiguration, "opt/outrider");
  for (const name of ((await readdir(fwCfg).catch(noFolder)) ?? []).sort())
    found.push(["QEMU fw_cfg", "opt/outrider", `${prefix}${name}`, join(fwCfg, name, "raw")]);

  const documents: ZeroTouchDocument[] = [];
  const values = new Map<
    string,
    { source: string; place: string; names: Record<string, string> }
  >();
  for (const [source, place, name, path] of found) {
    try {
      const text = await readLimited(path);
      if (text === null) continue;
      if (isWhole(name))
        documents.push({ format: whole[name], source, place: `${place}/${name}`, text });
      else {
        const group = values.get(source) ?? { source, place, names: {} };
        values.set(source, group);
        group.names[name.slice(prefix.length)] = text.replace(/\r?\n$/, "");
      }
    } catch (error) {
      documents.push(
        unreadDocument(
          { format: "credentials", source, place: `${place}/${name}` },
          ...readFailure(error),
        ),
      );
    }
  }
  const single = [...values.values()].map(
    ({ source, place, names }): ZeroTouchDocument => ({
      format: "credentials",
      source,
      place,
      text: JSON.stringify(names),
    }),
  );
  return [...single, ...documents];
}

function isWhole(name: string): name is keyof typeof whole {
  return Object.hasOwn(whole, name);
}
