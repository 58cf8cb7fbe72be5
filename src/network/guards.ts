import type { Network } from "../settings/model/schema.ts";
import type { Role, RoleDevices } from "./roles.ts";
import { networkdUser, scanUser } from "./users.ts";

/** The mark on packets from the scan side, and on the kernel's answers to them. */
export const scanMark = 0x64;

/** Our tables in nftables. They hold nothing else, so they can be replaced in one transaction. */
export const firewallTable = "outrider";
export const guardCounters: Readonly<Record<Role, string>> = {
  lan: "stopped_on_lan",
  wan: "stopped_on_wan",
};

/**
 * A present card: `name` is its device, and its untagged and tagged packets belong to these roles.
 */
export interface GuardedCard {
  name: string;
  untagged: Role | null;
  tagged: readonly { vlan: number; role: Role }[];
}

export interface Guarded {
  devices: Readonly<Record<Role, string | null>>;
  cards: readonly GuardedCard[];
}

export function guardedOf(
  network: Extract<Network, { mode: "split" }>,
  { lan, wan, cards }: RoleDevices,
): Guarded {
  const names = [...new Set([cards.lan, cards.wan].filter((name) => name !== null))];
  return {
    devices: { lan, wan },
    cards: names.map((name) => {
      const roles = (["lan", "wan"] as const).filter((role) => cards[role] === name);
      return {
        name,
        untagged: roles.find((role) => network[role].vlan === null) ?? null,
        tagged: roles.flatMap((role) =>
          network[role].vlan === null ? [] : [{ vlan: network[role].vlan, role }],
        ),
      };
    }),
  };
}

/**
 * The guards are the second wall: routing already sends nothing to the wrong side. They count what
 * they drop, and any count but zero is reported.
 *
 * The LAN lets out packets of the scan's user; networkd's own DHCP, address checks and router
 * solicitations; and packets of no program's socket: ARP, neighbour discovery, group reports, and
 * the kernel's answers. Packets of every other program are dropped: agent, resolver, time, root.
 * The WAN lets out everything except packets of the scan's user and the kernel's answers to packets
 * from the LAN.
 */
function renderJudgements(family: "inet" | "netdev"): string {
  const networkdMay = [
    "udp sport 68 udp dport 67",
    "udp sport 546 udp dport 547",
    "icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert }",
    ...(family === "netdev" ? ["ether type arp"] : []),
  ];
  return `chain judge_lan {
    meta skuid ${scanUser} accept
    ${networkdMay.map((match) => `meta skuid "${networkdUser}" ${match} accept`).join("\n    ")}
    ${anySocket} counter name ${guardCounters.lan} drop
  }
  chain judge_wan {
    meta skuid ${scanUser} counter name ${guardCounters.wan} drop
    meta mark ${scanMark} counter name ${guardCounters.wan} drop
  }`;
}

/** True for packets with a socket: orphaned connections and the kernel's own packets have none. */
const anySocket = "meta skuid 0-4294967294";

const counterDeclarations = Object.values(guardCounters)
  .map((name) => `counter ${name} { }`)
  .join("\n  ");

/**
 * The output hook comes before the neighbour look-up: a packet dropped only at the device has
 * already made the kernel ask for its neighbour. `ct state` is not used, since a connection that
 * began on one side must not continue by the other.
 */
export function renderOutputGuards({ devices }: Guarded): string {
  const jumps = (["lan", "wan"] as const).flatMap((role) =>
    devices[role] === null ? [] : [`oifname "${devices[role]}" goto judge_${role}`],
  );
  const marks = devices.lan === null ? [] : [`iifname "${devices.lan}" meta mark set ${scanMark}`];
  return `${counterDeclarations}
  ${renderJudgements("inet")}
  chain mark_lan {
    type filter hook prerouting priority mangle; policy accept;
    ${marks.join("\n    ")}
  }
  chain guard {
    type filter hook output priority filter; policy accept;
    ${jumps.join("\n    ")}
  }`;
}

/**
 * At the card, which packet sockets cannot bypass: a raw frame passes neither routing nor the table
 * above. Frames of a VLAN pass its card tagged and with their socket, so only cards need a guard,
 * and a card exists before its VLAN.
 */
export function renderCardGuards({ cards }: Guarded): string {
  const chains = cards.map(({ name, untagged, tagged }, index) => {
    const lines = tagged.map(({ vlan, role }) => `vlan id ${vlan} goto judge_${role}`);
    // Without an untagged role no program may send untagged packets; they count for a role of the
    // card.
    lines.push(
      untagged === null
        ? `${anySocket} counter name ${guardCounters[tagged[0]?.role ?? "lan"]} drop`
        : `goto judge_${untagged}`,
    );
    return `chain card_${index} {
    type filter hook egress device "${name}" priority filter; policy accept;
    ${lines.join("\n    ")}
  }`;
  });
  return `table netdev ${firewallTable} {
  ${counterDeclarations}
  ${renderJudgements("netdev")}
  ${chains.join("\n  ")}
}
`;
}
