import { hosts, segments } from "../../../../image/lab/addresses.ts";
import { nft } from "../lab-network.ts";
import type { ProxyLab } from "../proxies.ts";

/** A machine of the lab that the packets pass. */
export type Place = "router" | "platform" | "proxy";
const hooks = {
  forward: "type filter hook forward priority -10;",
  input: "type filter hook input priority -10;",
  output: "type filter hook output priority -10;",
  prerouting: "type nat hook prerouting priority dstnat;",
} as const;
type Hook = keyof typeof hooks;
/** Rules of nftables by machine and hook; a table of its own, so that they are taken away at once. */
export type Rules = Partial<Record<Place, Partial<Record<Hook, string>>>>;
const places: readonly Place[] = ["router", "platform", "proxy"];

type Peer = "platform" | "proxy";
const lines = (...all: readonly string[]) => all.join("\n ");

/** Of what goes to a peer: the rule's end, for both families. */
export const to = (peer: Peer, end: string) =>
  lines(`ip daddr ${hosts[peer].address} ${end}`, `ip6 daddr ${hosts[peer].address6} ${end}`);
export const from = (peer: Peer, end: string) =>
  lines(`ip saddr ${hosts[peer].address} ${end}`, `ip6 saddr ${hosts[peer].address6} ${end}`);
const https = "tcp dport 443";
export const toPlatform = (end: string) => to("platform", `${https} ${end}`);

/** On the router, what it passes from LAN to WAN. */
export const forward = (rules: string): Rules => ({ router: { forward: rules } });
/** The DNS servers of the lab's router. */
export const dnsPackets = "meta l4proto { tcp, udp } th dport { 53, 5353, 5400 }";
/** What goes to the platform ends at a port of the host `proxy`. */
export const portal = (port: number): Rules => ({
  router: {
    prerouting: lines(
      `iifname lan ip daddr ${hosts.platform.address} ${https} dnat ip to ${hosts.proxy.address}:${port}`,
      `iifname lan ip6 daddr ${hosts.platform.address6} ${https} dnat ip6 to [${hosts.proxy.address6}]:${port}`,
    ),
  },
});

/** Two faults at once; the rules of the first come first. */
export function bothRules(first: Rules = {}, second: Rules = {}): Rules {
  const both: Rules = {};
  for (const place of places)
    for (const hook of Object.keys(hooks) as Hook[]) {
      const found = [first, second].flatMap((each) => each[place]?.[hook] ?? []);
      if (found.length > 0) both[place] = { ...both[place], [hook]: found.join("\n ") };
    }
  return both;
}

/** Puts the rules in force instead of those before. */
export async function enforce(lab: ProxyLab, rules: Rules): Promise<void> {
  await Promise.all(
    places.map(async (place) => {
      const chains = (Object.keys(hooks) as Hook[]).flatMap((hook) => {
        const own = rules[place]?.[hook];
        return own === undefined ? [] : [` chain ${hook} {\n ${hooks[hook]}\n ${own}\n }`];
      });
      const table = chains.length === 0 ? "" : `table inet fault {\n${chains.join("\n")}\n}\n`;
      await nft(lab, `table inet fault {}\ndelete table inet fault\n${table}`, place);
    }),
  );
}

/** From now on packets of connections that are open pass with the mark, and new ones without. */
export async function markConnections(lab: ProxyLab): Promise<void> {
  const chain = "chain marking {\n type filter hook forward priority -20;\n ct mark set 0x1\n }";
  await nft(lab, `table inet fault {}\ndelete table inet fault\ntable inet fault {\n ${chain}\n}`);
}

export const lanNetwork = `${segments.lan.network}/${segments.lan.prefix}`;
