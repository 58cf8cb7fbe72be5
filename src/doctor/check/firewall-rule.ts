import { familyOf } from "../../base/addresses/neighbours.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { Path } from "../path/path.ts";
import type { ServiceProbe } from "../path/service-probe.ts";
import { type Finding, withFacts } from "./findings.ts";

/** Errors that a firewall on the way may cause. */
const firewallErrors: readonly ErrorCode[] = [
  "connect-refused",
  "connect-silent",
  "connect-unreachable",
  "connect-reset",
  "proxy-unreachable",
  "proxy-silent",
  "proxy-pac-unreachable",
  "tls-silent",
  "tls-failed",
];

/**
 * Adds the rule to ask the firewall team for, where a firewall may be the cause.
 *
 * @param place where the connection was to go; null adds nothing
 * @param probe whose stages show the addresses of that host
 */
export function withFirewallRule(
  found: Finding,
  path: Path,
  place: { host: string; port: number } | null,
  probe: ServiceProbe | undefined,
): Finding {
  if (!place || !probe || !firewallErrors.some((code) => code === found.code)) return found;
  return withFacts(found, [ruleFor(path.facts?.addresses ?? [], place, probe)]);
}

function ruleFor(
  own: readonly string[],
  { host, port }: { host: string; port: number },
  { stages }: ServiceProbe,
): Fact {
  const resolved = stages
    .flatMap(({ facts }) => facts)
    .find(({ code, values }) => code === "name-found" && values.host === host);
  const addresses = reachableOf(String(resolved?.values.addresses ?? ""), own);
  const rule = { from: sourceTo(addresses || host, own), to: host, port };
  return addresses === "" || addresses === host
    ? fact("rule-to-ask", rule)
    : fact("rule-to-ask-named", { ...rule, addresses });
}

/** Without those of a family that the interface does not have: no firewall lets it out to them. */
function reachableOf(addresses: string, own: readonly string[]): string {
  const families = own.map((address) => familyOf(address.split("/", 1)[0] ?? address));
  const all = addresses.split(", ");
  const reachable = all.filter((address) => families.includes(familyOf(address)));
  return (reachable.length > 0 ? reachable : all).join(", ");
}

/** The interface's address of the family that is connected to; the first one for a name alone. */
function sourceTo(addresses: string, own: readonly string[]): string {
  const bare = own.map((address) => address.split("/", 1)[0] ?? address);
  const families = addresses.split(", ").map(familyOf);
  return bare.find((address) => families.includes(familyOf(address))) ?? bare[0] ?? "";
}
