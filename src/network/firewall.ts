/** nftables' table that is wholly ours, so that it can be replaced in one transaction. */
export const firewallTable = "outrider";

/**
 * What may come in: answers, replies of a DHCP server, ping, and the ICMP errors without which path MTU discovery and
 * neighbour discovery (RFC 4890) do not work. Nothing is forwarded.
 */
export function renderFirewall(): string {
  return `table inet ${firewallTable}
delete table inet ${firewallTable}
table inet ${firewallTable} {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    ct state invalid counter drop
    udp sport 67 udp dport 68 accept
    icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept
    icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
    icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    counter drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
  }
}
`;
}
