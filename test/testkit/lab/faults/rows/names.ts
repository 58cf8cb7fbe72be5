import type { DnsKind } from "../dns-kinds.ts";
import type { NetworkFault, Remedy } from "../fault.ts";
import type { NetworkName } from "../networks.ts";
import { networkSet, on, rulesGone } from "../remedies.ts";
import { dnsPackets } from "../rules.ts";

const alone = ["IPv4", "IPv6-only"] as const;
const server = (code: string) => `dns:* ${code}`;
const answers = (
  name: string,
  dns: DnsKind,
  networks: readonly NetworkName[],
  agent: NetworkFault["agent"],
  doctor: string | null,
  remedy?: Remedy,
) => on(networks, { name, dns, agent, doctor, remedy });

/** What name servers do: response codes of RFC 1035 section 4.1.1, filters, silence. */
export const nameFaults: readonly NetworkFault[] = [
  ...on(["IPv4", "IPv6-only", "dual"], {
    name: "DNS server silent",
    rules: { router: { input: `iifname lan ${dnsPackets} drop` } },
    agent: "dns-silent",
    doctor: server("dns-silent"),
    remedy: rulesGone("the firewall team allowed port 53 to the DNS server shown"),
  }),
  ...on(["IPv4"], {
    name: "port 53 rejected by ICMP",
    rules: { router: { input: `iifname lan ${dnsPackets} reject` } },
    agent: "dns-silent",
    doctor: server("dns-silent"),
  }),
  ...on(["IPv4"], {
    name: "UDP port 53 dropped, TCP let through",
    rules: { router: { input: "iifname lan udp dport { 53, 5353, 5400 } drop" } },
    agent: "dns-silent",
    doctor: server("dns-silent"),
  }),
  ...answers(
    "DNS server refuses (REFUSED)",
    "refuses",
    alone,
    "dns-refused",
    server("dns-refused"),
  ),
  ...answers(
    "DNS server fails (SERVFAIL)",
    "servfail",
    alone,
    "dns-refused",
    server("dns-refused"),
  ),
  ...answers(
    "DNS server does not read it (FORMERR)",
    "formerr",
    ["IPv4"],
    "dns-refused",
    server("dns-refused"),
  ),
  ...answers(
    "DNS server does not do this (NOTIMP)",
    "notimp",
    ["IPv4"],
    "dns-refused",
    server("dns-refused"),
  ),
  ...answers(
    "DNS server knows no outside names (NXDOMAIN)",
    "unknown",
    ["IPv4", "IPv6-only"],
    "dns-not-found",
    "service:* dns-not-found",
  ),
  ...answers(
    "DNS server knows the name without addresses (NODATA)",
    "empty",
    ["IPv4"],
    "dns-not-found",
    "service:* dns-not-found",
  ),
  ...answers("DNS filter: 0.0.0.0 and ::", "zeros", alone, "dns-blocked", server("dns-blocked")),
  ...answers(
    "DNS filter: 127.0.0.1 and ::1",
    "loopback",
    ["IPv4"],
    "dns-blocked",
    server("dns-blocked"),
  ),
  ...answers("DNS answers are garbage", "garbage", ["IPv4"], "dns-silent", server("dns-silent")),
  ...answers(
    "DNS answers to another question",
    "foreign",
    ["IPv4"],
    "dns-silent",
    server("dns-silent"),
  ),
  ...answers(
    "DNS lies: an address that no host has",
    "nobody",
    alone,
    "connect-unreachable",
    "service:* connect-unreachable",
  ),
  ...answers("DNS lies: a portal", "portal", alone, "tls-name-mismatch", "tls tls-name-mismatch"),
  ...on(["static, DNS server that nobody has"], {
    name: "the DNS server's address is wrong, on the link",
    agent: "dns-silent",
    doctor: server("dns-silent"),
    remedy: networkSet("the DNS server was corrected on the Network screen", "IPv4 static"),
  }),
  ...on(["static, DNS server beyond that nobody has"], {
    name: "the DNS server's address is wrong, beyond the gateway",
    agent: "dns-silent",
    doctor: server("dns-silent"),
    remedy: networkSet("the DNS server was corrected on the Network screen", "IPv4 static"),
  }),
  ...on(["IPv6-only static, DNS server that nobody has"], {
    name: "the DNS server's address is wrong, on the link",
    agent: "dns-silent",
    doctor: server("dns-silent"),
    remedy: networkSet("the DNS server was corrected on the Network screen", "IPv6-only static"),
  }),
  ...on(["IPv6-only"], {
    name: "the platform has only IPv4 addresses, and there is no NAT64",
    dns: "onlyIpv4",
    agent: "family-missing",
    doctor: "service:* family-missing",
  }),
];

export const survivedNames: readonly NetworkFault[] = [
  ...answers("DNS server answers after 1.2 s", "slow", ["IPv4"], null, null),
  ...answers("DNS server fails for IPv6 (SERVFAIL)", "failsForIpv6", ["IPv4", "dual"], null, null),
  ...answers("the platform has only IPv4 addresses", "onlyIpv4", ["dual"], null, null),
  ...answers("the platform has only IPv6 addresses", "onlyIpv6", ["dual"], null, null),
  ...on(["static, first DNS server that nobody has"], {
    name: "the first of two DNS servers is silent",
    agent: null,
    doctor: null,
    warning: "dns-silent",
  }),
];
