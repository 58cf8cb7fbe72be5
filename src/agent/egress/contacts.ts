import type { EgressContact } from "../../configd/egress/schemas.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { StageResult } from "../../transport/stages.ts";

export type Contact = Omit<EgressContact, "at" | "count" | "by">;

/**
 * What a way through its stages came into contact with: each hop that a connection was tried to, also in vain, with the addresses.
 * A way that ends at a proxy has the platform only as what the proxy was asked for.
 */
export function contactsOf(origin: string, stages: readonly StageResult[], proxied: boolean): Contact[] {
  const contacts: Contact[] = [];
  let name = hostOf(origin);
  for (const { stage, detail } of stages) {
    if (stage === "resolve") name = /^(\S+?)(?: is |: no answer)/.exec(detail)?.[1] ?? name;
    if (stage !== "connect") continue;
    const found = [...detail.matchAll(/(\S+) port (\d{1,5})/g)];
    const port = Number(found[0]?.[2] ?? 0);
    const addresses = [...new Set(found.map(([, address = ""]) => address.replace(/,$/, "")))].slice(0, 16);
    const isPlatform = name === hostOf(origin) && String(port) === portOf(origin);
    contacts.push({ host: name, port, protocol: "tcp", why: isPlatform ? "the platform's services" : "the way to the platform", addresses });
  }
  if (proxied)
    contacts.push({ host: hostOf(origin), port: Number(portOf(origin)), protocol: "tcp", why: "the platform's services, through the proxy", addresses: [] });
  return contacts;
}

/** A ledger line each for so many targets of a scan; what is more than that is told as a number. */
const mostTargets = 30;

export function recordScan(
  recorder: { record(contact: Contact & { by: "scan" }): void },
  { name, targets }: Pick<ScanSpecification, "name" | "targets">,
): void {
  const more = targets.length > mostTargets ? [`${targets.length - mostTargets} more of this scan`] : [];
  for (const host of [...targets.slice(0, mostTargets), ...more])
    recorder.record({ by: "scan", host, port: 0, protocol: "any", why: `scan ${name}`.slice(0, 200), addresses: [] });
}

function hostOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf(":"));
}

function portOf(origin: string): string {
  return origin.slice(origin.lastIndexOf(":") + 1);
}
