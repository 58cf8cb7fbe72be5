import type { ErrorCode } from "../protocol/error-codes.ts";
import type { StageResult } from "../transport/stages.ts";

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

/** The rule to ask the firewall team for, or "" where a firewall is not what is wrong. */
export function firewallRule(code: string | null, own: string, place: { host: string; port: number }, stages: readonly StageResult[]): string {
  if (!ofFirewalls.some((each) => each === code)) return "";
  const resolved = stages.find(({ stage, outcome, detail }) => stage === "resolve" && outcome === "ok" && detail.startsWith(`${place.host} is `));
  const addresses = resolved?.detail.slice(`${place.host} is `.length) ?? "";
  const to = addresses === "" || addresses === place.host ? place.host : `${place.host} (${addresses})`;
  return `; rule to ask for: allow TCP from ${own.split("/", 1)[0]} to ${to} port ${place.port}`;
}
