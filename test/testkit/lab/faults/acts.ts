import { applianceCards, segments } from "../../../../image/lab/addresses.ts";
import type { Daemon } from "../../../../image/lab/daemon.ts";
import { portOf } from "../../../../image/lab/network.ts";
import { startPeer } from "../../../../image/lab/peers.ts";
import { nft } from "../lab-network.ts";
import type { ProxyLab } from "../proxies.ts";
import type { Act } from "./fault.ts";

type Card = keyof typeof applianceCards;

/** The cable of a card is pulled. */
export const cableOut = (card: Card): Act => ({
  strike: ({ appliance }) => appliance.setCarrier(card, false),
  relieve: ({ appliance }) => appliance.setCarrier(card, true),
});

/** The card is taken out of the machine. */
export const cardOut = (card: Card): Act => ({
  strike: ({ appliance }) => appliance.unplug(card),
  async relieve({ appliance, namespaces }) {
    const port = await namespaces.run(["ip", "link", "show", portOf(card)], { mayFail: true });
    if (port.exitCode !== 0) await appliance.plug(applianceCards[card]);
  },
});

/** A new link, so that the lease is asked for again. */
async function replug({ appliance }: ProxyLab, card: Card): Promise<void> {
  await appliance.setCarrier(card, false);
  await appliance.setCarrier(card, true);
}

/** The segment's DHCP server, and its router advertisements, are not there any more. */
const withoutServers = (segment: "lan" | "wan") => `table inet quiet {}
delete table inet quiet
table inet quiet {
 chain input { type filter hook input priority -10; iifname ${segment} udp dport { 67, 547 } drop; }
 chain output { type filter hook output priority -10; oifname ${segment} icmpv6 type nd-router-advert drop; }
}
`;
const withServers = "table inet quiet {}\ndelete table inet quiet\n";

export const noServers = (card: Card): Act => ({
  async strike(lab) {
    await nft(lab, withoutServers(applianceCards[card].segment));
    await replug(lab, card);
  },
  async relieve(lab) {
    await nft(lab, withServers);
    await replug(lab, card);
  },
});

/** Another server on the LAN gives out what is wrong: dnsmasq on the workstation's machine. */
function otherServer(options: readonly string[]): Act {
  const running = new WeakMap<ProxyLab["namespaces"], Daemon>();
  return {
    async strike(lab) {
      await nft(lab, withoutServers("lan"));
      const always = [
        "dnsmasq",
        "--keep-in-foreground",
        "--no-daemon",
        "--user=root",
        "--port=0",
        "--conf-file=/dev/null",
        "--no-hosts",
        "--dhcp-authoritative",
        "--dhcp-leasefile=/dev/null",
        "--bind-interfaces",
        "--interface=eth0",
      ];
      const daemon = startPeer(lab.namespaces, "another DHCP server", "station", [
        ...always,
        ...options,
      ]);
      running.set(lab.namespaces, daemon);
      await daemon.waitForOutput("started");
      await replug(lab, "eth0");
    },
    async relieve(lab) {
      await running.get(lab.namespaces)?.end("SIGKILL");
      await nft(lab, withServers);
      await replug(lab, "eth0");
    },
  };
}

/** DHCP's options by name or number; router and dns-server are right where none is given. */
export function lease(options: Record<string, string>): Act {
  const all: Record<string, string> = {
    "option:router": segments.lan.gateway,
    "option:dns-server": segments.lan.gateway,
    ...options,
  };
  return otherServer([
    `--dhcp-range=${segments.lan.leases[0]},${segments.lan.leases[1]},255.255.255.0,1h`,
    ...Object.entries(all).map(([name, value]) =>
      value === "" ? `--dhcp-option=${name}` : `--dhcp-option=${name},${value}`,
    ),
  ]);
}

/** Router advertisements of a machine that says of itself that it is no default router. */
export const advertisedLifetime0: Act = otherServer([
  "--enable-ra",
  "--ra-param=eth0,10,0",
  `--dhcp-range=${segments.lan.prefix6},ra-only`,
  `--dhcp-option=option6:dns-server,[${segments.lan.prefix6}1]`,
]);

/** A firewall that is changed on the way, besides the rules. */
export const shellOn = (host: string, strike: string, relieve: string): Act => ({
  strike: async ({ namespaces }) => void (await namespaces.script(strike, { host })),
  relieve: async ({ namespaces }) => void (await namespaces.script(relieve, { host })),
});
