import { fillPhrase } from "../base/messages/phrases.ts";
import type { FirewallNeed, FirewallNeeds } from "./needs.ts";

/**
 * The English of the text for a firewall's administrator. The console's catalogue takes it over from
 * here, since the command line prints the same.
 */
export const firewallPhrases = {
  "firewall.heading": "Firewall rules for the Outrider appliance {name}",
  "firewall.rule":
    "Allow what is listed here, outgoing, with the answers to it. Nothing has to be let in.",
  "firewall.from": "From",
  "firewall.source": "{addresses} ({role}, {device})",
  "firewall.noSource": "(the appliance has no address yet)",
  "firewall.to": "To",
  "firewall.tcp": "{host}, TCP port {port}",
  "firewall.udp": "{host}, UDP port {port}",
  "firewall.both": "{host}, TCP and UDP port {port}",
  "firewall.platform": "the platform",
  "firewall.services": "the platform's services: {services}",
  "firewall.proxy": "the proxy, which connects to the platform",
  "firewall.pac":
    "the server of the proxy configuration file (PAC); and the proxies that this file names",
  "firewall.names": "names (DNS)",
  "firewall.time": "time (NTP)",
  "firewall.seen": "connected to so far: {addresses}",
  "firewall.ranges": "The platform's networks: {ranges}",
  "firewall.throughProxy": "The proxy has to let through (method CONNECT)",
  "firewall.tls":
    "TLS to the platform should pass unopened. Where a device opens it, it can read but not alter what is sent, and its certificate authority has to be added to the appliance.",
  "firewall.noPlatform": "The platform's address is not set yet: enrol the appliance first.",
  "firewall.serviceEnrolment": "enrolment",
  "firewall.serviceHealth": "health",
  "firewall.serviceUpdates": "updates",
  "firewall.serviceJobs": "jobs",
  "firewall.serviceResults": "results",
  "firewall.lan": "LAN",
  "firewall.wan": "WAN",
} as const;
export type FirewallPhrase = keyof typeof firewallPhrases;

const lineWidth = 74;
const services = {
  enrolment: "firewall.serviceEnrolment",
  health: "firewall.serviceHealth",
  updates: "firewall.serviceUpdates",
  jobs: "firewall.serviceJobs",
  results: "firewall.serviceResults",
} as const;
const places = { tcp: "firewall.tcp", udp: "firewall.udp", "tcp+udp": "firewall.both" } as const;

/** Plain lines that can be copied into a ticket or a mail. */
export function firewallLines(
  needs: FirewallNeeds,
  say: (phrase: FirewallPhrase, values: Readonly<Record<string, string | number>>) => string,
): string[] {
  const lines: string[] = [];
  const add = (text: string, indent = 0) => {
    for (const line of folded(text, lineWidth - indent)) lines.push(`${" ".repeat(indent)}${line}`);
  };
  const { source, ipRanges, throughProxy } = needs;
  const hasSource = source !== null && source.addresses.length > 0;
  add(say("firewall.heading", { name: needs.hostname }));
  add(say("firewall.rule", {}));
  lines.push("");
  add(say("firewall.from", {}));
  add(
    hasSource
      ? say("firewall.source", {
          addresses: source.addresses.join(", "),
          role: say(`firewall.${source.role}`, {}),
          device: source.device,
        })
      : say("firewall.noSource", {}),
    2,
  );
  lines.push("", say("firewall.to", {}));
  const list = (wanted: readonly FirewallNeed[]) => {
    for (const need of joined(wanted)) {
      add(say(places[need.protocol], { host: need.host, port: need.port }), 2);
      add(purposeOf(need), 6);
      if (need.seen.length > 0) add(say("firewall.seen", { addresses: need.seen.join(", ") }), 6);
    }
  };
  const purposeOf = ({ purpose, services: behind }: FirewallNeed) =>
    purpose === "platform" && behind.length > 0
      ? say("firewall.services", {
          services: behind.map((name) => say(services[name], {})).join(", "),
        })
      : say(`firewall.${purpose}`, {});
  if (!needs.needs.some(({ purpose }) => purpose === "platform") && throughProxy.length === 0)
    add(say("firewall.noPlatform", {}), 2);
  list(needs.needs);
  if (throughProxy.length > 0) {
    lines.push("", say("firewall.throughProxy", {}));
    list(throughProxy);
  }
  if (ipRanges.length > 0) {
    lines.push("");
    add(say("firewall.ranges", { ranges: ipRanges.join(", ") }));
  }
  lines.push("");
  add(say("firewall.tls", {}));
  return lines;
}

/** Servers for one purpose are one rule. */
function joined(needs: readonly FirewallNeed[]): FirewallNeed[] {
  const rules: FirewallNeed[] = [];
  for (const need of needs) {
    const same = rules.findIndex(
      ({ purpose, port }) => purpose === need.purpose && port === need.port,
    );
    const known = rules[same];
    if (known === undefined || (need.purpose !== "names" && need.purpose !== "time"))
      rules.push(need);
    else rules[same] = { ...known, host: `${known.host}, ${need.host}` };
  }
  return rules;
}

/** The text in English, for the command line. */
export function englishFirewallLines(needs: FirewallNeeds): string[] {
  return firewallLines(needs, (phrase, values) => fillPhrase(firewallPhrases[phrase], values));
}

/** Breaks at spaces; a long name stays whole, so that it can be copied. */
function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
