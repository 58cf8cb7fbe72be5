import type { Namespaces } from "../../../image/lab/namespaces.ts";
import { portOf } from "../../../image/lab/network.ts";

/**
 * Counts the packets that leave the appliance, outside of it, at the segments' end of its cards.
 *
 * Not counted as a leak, since every card must send these for itself: DHCP, neighbour discovery,
 * router solicitations, group reports (IGMP, MLD), and ARP: on WAN for the router, the platform and
 * the proxy, and about the own address. On WAN also the kernel's word to its neighbour there that a
 * late reply of DHCPv6 finds no program any more: it has link-local addresses only.
 */
const lanNetworks = "{ 192.0.2.0/24, 203.0.113.0/24, 198.51.100.20 }";
const lanNetworks6 = "{ 2001:db8:0:1::/64, 2001:db8:0:2::20, 2001:db8:3::/48, fe80::/10 }";
const wanPeers = "{ 198.51.100.1, 198.51.100.10 }";
const wanPeers6 = "{ 2001:db8:0:2::1, 2001:db8:0:2::10 }";
const kinds = ["lan_scan", "lan_dns", "lan_other", "wan_management", "wan_other"] as const;
export type WireCounts = Record<(typeof kinds)[number], number>;

const housekeeping = `udp sport 68 udp dport 67 accept
    udp sport 546 udp dport 547 accept
    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-report, mld-listener-done, mld2-listener-report } accept
    ip protocol igmp accept`;

const strange = (side: string) => `counter name ${side}_other
    ether type arp add @${side}_arp { arp daddr ip }
    meta protocol ip add @${side}_ip { ip saddr . ip daddr . ip protocol . th dport }
    meta protocol ip6 add @${side}_ip6 { ip6 saddr . ip6 daddr . ip6 nexthdr . th dport }`;

/** A side's own addresses are never said on the other, not even by what every card sends for itself. */
const ofOtherSide = (
  side: string,
  network4: string,
  network6: string,
) => `ip saddr ${network4} goto ${side}_strange
    ip6 saddr ${network6} goto ${side}_strange
    arp saddr ip { ${network4}, 192.0.0.8 } goto ${side}_strange
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } icmpv6 taddr ${network6} goto ${side}_strange`;

const sets = (side: string) => `set ${side}_arp { typeof arp daddr ip; flags dynamic; size 1000; }
  set ${side}_ip { typeof ip saddr . ip daddr . ip protocol . th dport; flags dynamic; size 1000; }
  set ${side}_ip6 { typeof ip6 saddr . ip6 daddr . ip6 nexthdr . th dport; flags dynamic; size 1000; }`;

function rules(lanCard: string, wanCard: string): string {
  return `table netdev wire
delete table netdev wire
table netdev wire {
  ${kinds.map((kind) => `counter ${kind} { }`).join("\n  ")}
  ${sets("lan")}
  ${sets("wan")}
  chain lan_strange {
    ${strange("lan")}
  }
  chain wan_strange {
    ${strange("wan")}
  }
  chain lan {
    type filter hook ingress device "${portOf(lanCard)}" priority 0; policy accept;
    ${ofOtherSide("lan", "198.51.100.0/24", "2001:db8:0:2::/64")}
    ${housekeeping}
    arp operation request arp daddr ip != { 192.0.2.1, 192.0.2.50, 192.0.2.51 } arp daddr ip 192.0.2.0/24 counter name lan_scan accept
    ether type arp accept
    ip daddr 192.0.2.1 th dport 53 counter name lan_dns accept
    ip daddr ${lanNetworks} counter name lan_scan accept
    ip6 daddr ${lanNetworks6} counter name lan_scan accept
    ${strange("lan")}
  }
  chain wan {
    type filter hook ingress device "${portOf(wanCard)}" priority 0; policy accept;
    ${ofOtherSide("wan", "192.0.2.0/24", "2001:db8:0:1::/64")}
    ${housekeeping}
    arp operation reply accept
    arp saddr ip 0.0.0.0 accept
    arp daddr ip ${wanPeers} accept
    ip6 saddr fe80::/10 ip6 daddr fe80::/10 icmpv6 type destination-unreachable accept
    ip daddr ${wanPeers} th dport { 53, 123, 443 } counter name wan_management accept
    ip6 daddr ${wanPeers6} th dport { 53, 123, 443 } counter name wan_management accept
    ${strange("wan")}
  }
}
`;
}

/** Begins to count from nothing; the cards must be plugged in. */
export async function countOnTheWire(
  namespaces: Namespaces,
  { lan, wan }: { lan: string; wan: string },
): Promise<void> {
  await namespaces.runPeer(["nft", "-f", "-"], { input: rules(lan, wan) });
}

export async function wireCounts(namespaces: Namespaces): Promise<WireCounts> {
  const { stdout } = await namespaces.runPeer([
    "nft",
    "list",
    "counters",
    "table",
    "netdev",
    "wire",
  ]);
  const packets = (kind: string) =>
    Number(new RegExp(`counter ${kind} \\{\\s+packets (\\d+)`).exec(stdout)?.[1]);
  return {
    lan_scan: packets("lan_scan"),
    lan_dns: packets("lan_dns"),
    lan_other: packets("lan_other"),
    wan_management: packets("wan_management"),
    wan_other: packets("wan_other"),
  };
}

/** The packets that were on the wrong side, as text. */
export async function strangers(namespaces: Namespaces): Promise<string> {
  const { stdout } = await namespaces.runPeer(["nft", "list", "sets", "table", "netdev", "wire"]);
  return [...stdout.matchAll(/set (\w+) \{[^}]*?elements = \{([^}]*)\}/g)]
    .map(([, set, elements]) => `${set}: ${elements?.replace(/\s+/g, " ").trim()}`)
    .join("\n");
}
