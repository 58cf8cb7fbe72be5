import type { ErrorCode } from "../base/messages/error-codes.ts";
import { type Fact, fact } from "../base/messages/facts.ts";
import type { StageResult } from "../transport/stages/stages.ts";

/** Faults that a firewall on the way explains. */
const ofFirewalls: readonly ErrorCode[] = [
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

/** The rule to ask the firewall team for; none where a firewall is not what is wrong. */
export function firewallRule(
  code: string | null,
  own: string,
  place: { host: string; port: number },
  stages: readonly StageResult[],
): Fact[] {
  if (!ofFirewalls.some((each) => each === code)) return [];
  const found = stages
    .flatMap(({ facts }) => facts)
    .find(({ code, values }) => code === "name-found" && values.host === place.host);
  const rule = { from: own.split("/", 1)[0] ?? own, to: place.host, port: place.port };
  const addresses = String(found?.values.addresses ?? "");
  return [
    addresses === "" || addresses === place.host
      ? fact("rule-to-ask", rule)
      : fact("rule-to-ask-named", { ...rule, addresses }),
  ];
}
