import { applianceCards, hosts, segments } from "../../../image/lab/addresses.ts";
import type { Daemon } from "../../../image/lab/daemon.ts";
import { portOf } from "../../../image/lab/network.ts";
import { startPeer } from "../../../image/lab/peers.ts";
import type { InterfaceSettings } from "../../../src/settings/model/schema.ts";
import { incompleteFragments, sendFrames } from "./frames.ts";
import { addressed, change, type SplitLab, splitNetwork, until, withNetwork } from "./split-lab.ts";

export interface Cards {
  lan: string;
  wan: string;
}

/**
 * Changes the roles, and judges each card by its new one from then on. Both links must be down: what
 * the guards and the lab's hooks see while they do not agree on the roles is not counted.
 */
export type Recount = (cards: Cards, change: () => Promise<void>) => Promise<void>;

/** Something that happens to the cards or on the scanned side while scans and calls run. */
export interface SplitEvent {
  name: string;
  /** The guards' rules are loaded again, and count from nothing. */
  reloads?: boolean;
  happen(lab: SplitLab, cards: Cards, recount: Recount): Promise<unknown>;
  /** Puts everything right again. */
  end?(lab: SplitLab, cards: Cards): Promise<void>;
}

const routesGone = async ({ appliance }: SplitLab, table: string): Promise<boolean> =>
  (await appliance.exec(["ip", "route", "show", ...table.split(" ")], { mayFail: true })).stdout ===
  "";

async function cut(lab: SplitLab, card: string, table: string): Promise<void> {
  await lab.appliance.setCarrier(card, false);
  await until(`${card} has no routes`, () => routesGone(lab, table));
  // The kernel gives a neighbour up after three questions, a second each, and only then reports it.
  await outlived(lab, 5);
}

/** Lets the appliance's own clock run on: what is looked at is what its kernel does by itself. */
async function outlived({ appliance }: SplitLab, seconds: number): Promise<void> {
  const { stdout } = await appliance.exec(["cut", "-d.", "-f1", "/proc/uptime"]);
  const end = Number(stdout) + seconds;
  await until(`${seconds} s`, async () => {
    const now = await appliance.exec(["cut", "-d.", "-f1", "/proc/uptime"]);
    return Number(now.stdout) >= end;
  });
}

async function back(lab: SplitLab, card: string): Promise<void> {
  await lab.appliance.setCarrier(card, true);
  await addressed(lab);
}

async function replug(lab: SplitLab, card: "eth0" | "eth1", segment: "lan" | "wan") {
  await lab.appliance.unplug(card);
  await outlived(lab, 4);
  await lab.appliance.plug({ ...applianceCards[card], segment });
  await addressed(lab);
}

const cardNamed = (name: string): "eth0" | "eth1" => (name === "eth0" ? "eth0" : "eth1");

async function ownAddress(lab: SplitLab, card: string, family: 4 | 6): Promise<string> {
  const { stdout } = await lab.appliance.exec([
    "ip",
    "-o",
    `-${family}`,
    "address",
    "show",
    "dev",
    card,
    "scope",
    "global",
  ]);
  return / inet6? ([0-9a-f.:]+)\//.exec(stdout)?.[1] ?? "";
}

/** A DHCP server and a router of somebody else on LAN, who want all traffic and all names. */
const rogueConfiguration = `
keep-in-foreground
no-daemon
no-resolv
no-hosts
user=root
port=0
dhcp-authoritative
dhcp-leasefile=/run/lab/rogue-leases
bind-interfaces
interface=eth0
dhcp-range=192.0.2.200,192.0.2.230,255.255.255.0,1h
dhcp-option=option:router,${hosts.station.address}
dhcp-option=option:dns-server,${hosts.station.address}
dhcp-option=option:ntp-server,${hosts.station.address}
dhcp-option=option:domain-name,outrider.test
dhcp-option=option:classless-static-route,${hosts.platform.address}/32,${hosts.station.address},0.0.0.0/0,${hosts.station.address}
enable-ra
ra-param=eth0,high,10,600
dhcp-range=${segments.lan.prefix6}200,${segments.lan.prefix6}2ff,slaac,64,1h
dhcp-option=option6:dns-server,[${hosts.station.address6}]
`;

const rogues = new WeakMap<SplitLab, Daemon>();

export const events: readonly SplitEvent[] = [
  {
    name: "LAN is cut",
    happen: (lab, { lan }) => cut(lab, lan, "table 100"),
    end: (lab, { lan }) => back(lab, lan),
  },
  {
    name: "WAN is cut",
    happen: (lab, { wan }) => cut(lab, wan, "default"),
    end: (lab, { wan }) => back(lab, wan),
  },
  {
    name: "both are cut",
    happen: async (lab, { lan, wan }) => {
      await lab.appliance.setCarrier(wan, false);
      await cut(lab, lan, "table 100");
      await lab.appliance.setCarrier(wan, true);
      await addressed(lab, [wan]);
      await outlived(lab, 4);
    },
    end: (lab, { lan }) => back(lab, lan),
  },
  {
    name: "leases are renewed",
    happen: async (lab, { lan, wan }) => {
      for (const card of [lan, wan])
        for (const verb of ["renew", "forcerenew", "reconfigure"])
          await lab.appliance.exec(["networkctl", verb, card], { mayFail: true });
      await addressed(lab);
    },
  },
  {
    name: "LAN's card is pulled and put back",
    reloads: true,
    happen: (lab, { lan }) => replug(lab, cardNamed(lan), "lan"),
  },
  {
    name: "WAN's card is pulled and put back",
    reloads: true,
    happen: (lab, { wan }) => replug(lab, cardNamed(wan), "wan"),
  },
  {
    name: "fragments without their rest, then LAN is cut",
    happen: async (lab, { lan, wan }) => {
      for (const family of [4, 6] as const) {
        const ends = {
          fromMac: hosts.station.macAddress,
          toMac: applianceCards[cardNamed(lan)].macAddress,
          from: family === 4 ? hosts.station.address : hosts.station.address6,
        };
        for (const card of [lan, wan])
          await sendFrames(
            lab.namespaces,
            "station",
            incompleteFragments({ ...ends, to: await ownAddress(lab, card, family) }, 20),
          );
      }
      await cut(lab, lan, "table 100");
    },
    end: (lab, { lan }) => back(lab, lan),
  },
  {
    name: "LAN's router redirects",
    happen: async (lab) => {
      const { address, address6 } = hosts.station;
      await lab.exec("router", ["ip", "route", "replace", "203.0.113.0/24", "via", address]);
      await lab.exec("router", [
        "ip",
        "-6",
        "route",
        "replace",
        "2001:db8:3::/48",
        "via",
        address6,
      ]);
      await outlived(lab, 6);
    },
    end: async (lab) => {
      await lab.exec("router", ["ip", "route", "del", "203.0.113.0/24"]);
      await lab.exec("router", ["ip", "-6", "route", "del", "2001:db8:3::/48"]);
    },
  },
  {
    name: "rogue DHCP and rogue router on LAN",
    happen: async (lab, { lan }) => {
      const path = "/run/lab/rogue.conf";
      await lab.namespaces.run(["sh", "-c", `cat >${path}`], { input: rogueConfiguration });
      const rogue = startPeer(lab.namespaces, "rogue", "station", [
        "dnsmasq",
        `--conf-file=${path}`,
      ]);
      rogues.set(lab, rogue);
      await rogue.waitForOutput("started, version");
      await lab.appliance.setCarrier(lan, false);
      await until(`${lan} has no routes`, () => routesGone(lab, "table 100"));
      await back(lab, lan);
      await outlived(lab, 4);
    },
    end: async (lab, { lan }) => {
      await rogues.get(lab)?.end("SIGKILL");
      await lab.appliance.setCarrier(lan, false);
      await until(`${lan} has no routes`, () => routesGone(lab, "table 100"));
      await back(lab, lan);
    },
  },
];

/** The roles change their cards, and the cables with them. */
export function rolesAndCablesSwapped(settings: {
  lan: InterfaceSettings;
  wan: InterfaceSettings;
}): SplitEvent {
  return {
    name: "roles and cables are swapped",
    reloads: true,
    happen: async (lab, { lan, wan }, recount) => {
      for (const card of [lan, wan]) await lab.appliance.setCarrier(card, false);
      const swapped = splitNetwork(
        { ...settings.lan, macAddress: applianceCards[cardNamed(wan)].macAddress },
        { ...settings.wan, macAddress: applianceCards[cardNamed(lan)].macAddress },
      );
      await recount({ lan: wan, wan: lan }, async () => {
        await change(lab, withNetwork(swapped));
        await lab.namespaces.script(
          `ip link set ${portOf(lan)} master wan && ip link set ${portOf(wan)} master lan`,
        );
      });
      for (const card of [lan, wan]) await lab.appliance.setCarrier(card, true);
      await addressed(lab);
    },
  };
}
