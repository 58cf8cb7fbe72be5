import { firewallTable, type Guarded, renderCardGuards, renderOutputGuards } from "./guards.ts";

/**
 * nftables rules. Allowed in: answers, replies of a DHCP server, ping, and the ICMP errors that
 * path MTU discovery and neighbour discovery need, and a switch's question which multicast groups
 * are wanted: without an answer a snooping switch stops the solicitations of neighbours (RFC 4890
 * section 4.4: traffic that must not be dropped). Nothing is forwarded. In split mode each side
 * answers only for its own addresses (RFC 1122 section 3.3.4.2: the strong end system model), and
 * the guards are included.
 */
export function renderFirewall(guarded: Guarded | null): string {
  const ownSideOnly =
    guarded === null
      ? ""
      : "\n    fib daddr . iif type != { local, broadcast, multicast } counter drop";
  const guards = guarded === null ? "" : `\n  ${renderOutputGuards(guarded)}`;
  return `table inet ${firewallTable}
delete table inet ${firewallTable}
table netdev ${firewallTable}
delete table netdev ${firewallTable}
table inet ${firewallTable} {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept${ownSideOnly}
    ct state established,related accept
    ct state invalid counter drop
    udp sport 67 udp dport 68 accept
    ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
    icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept
    icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
    icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    ip6 saddr fe80::/10 icmpv6 type mld-listener-query accept
    counter drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
  }${guards}
}
${guarded === null ? "" : renderCardGuards(guarded)}`;
}
