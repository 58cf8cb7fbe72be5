import { fact } from "../../base/messages/facts.ts";
import type { EgressContact } from "../../configd/api/egress.ts";
import { because, described } from "../../configd/api/egress-reason.ts";
import type { ScanSpecification } from "../../protocol/schemas/jobs.ts";
import type { PacContact } from "../../transport/pac/fetch-script.ts";
import type { StageResult } from "../../transport/stages/stages.ts";

export type Contact = Omit<EgressContact, "at" | "count" | "by">;

/**
 * The destinations that a path contacted: each hop to which a connection was tried, successful or
 * not, with its addresses. On a path through a proxy the platform is a contact too, which the proxy
 * was asked for.
 *
 * @param origin host:port of the platform
 */
export function contactsOf(
  origin: string,
  stages: readonly StageResult[],
  proxied: boolean,
): Contact[] {
  const contacts: Contact[] = [];
  let name = hostOf(origin);
  for (const { stage, facts } of stages) {
    if (stage === "resolve")
      name =
        facts.map(({ values }) => values.host).find((host) => typeof host === "string") ?? name;
    if (stage !== "connect") continue;
    const port =
      facts.map(({ values }) => values.port).find((each) => typeof each === "number") ?? 0;
    const found = facts.flatMap(({ values }) =>
      String(values.address ?? values.addresses ?? "").split(", "),
    );
    const addresses = [...new Set(found.filter((address) => address !== ""))].slice(0, 16);
    const isPlatform = name === hostOf(origin) && String(port) === portOf(origin);
    contacts.push({
      host: name,
      port,
      protocol: "tcp",
      ...because(fact(isPlatform ? "for-platform" : "for-way")),
      addresses,
    });
  }
  if (proxied)
    contacts.push({
      host: hostOf(origin),
      port: Number(portOf(origin)),
      protocol: "tcp",
      ...because(fact("for-platform-proxied")),
      addresses: [],
    });
  return contacts;
}

/** The server of the PAC file, or the one that it redirected to. */
export function pacContact({ host, port, addresses, redirected }: PacContact): Contact {
  const reason = fact(redirected ? "for-pac-elsewhere" : "for-pac");
  return {
    host: host.slice(0, 260),
    port,
    protocol: "tcp",
    ...because(reason),
    addresses: addresses.slice(0, 16),
  };
}

/** This many targets of a scan have a line each in the ledger; one line counts the others. */
const mostTargets = 30;

export function recordScan(
  recorder: { record(contact: Contact & { by: "scan" }): void },
  { name, targets }: Pick<ScanSpecification, "name" | "targets">,
): void {
  const listed = targets.slice(0, mostTargets).map((host) => ({ host }));
  const more =
    targets.length > mostTargets
      ? [described(fact("place-more-targets", { count: targets.length - mostTargets }))]
      : [];
  for (const where of [...listed, ...more])
    recorder.record({
      by: "scan",
      ...where,
      port: 0,
      protocol: "any",
      ...because(fact("for-scan", { name })),
      addresses: [],
    });
}

function hostOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf(":"));
}

function portOf(origin: string): string {
  return origin.slice(origin.lastIndexOf(":") + 1);
}
