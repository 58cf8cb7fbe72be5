import type { Network } from "../settings/model/schema.ts";
import type { Role, RoleDevices } from "./roles.ts";
import { networkdUser, scanUser } from "./users.ts";

/** On what came in by the scan side, and on the kernel's answers to it. */
export const scanMark = 0x64;

/** nftables' tables that are wholly ours, so that they can be replaced in one transaction. */
export const firewallTable = "outrider";
export const guardCounters: Readonly<Record<Role, string>> = {
  lan: "stopped_on_lan",
  wan: "stopped_on_wan",
};

/** A card that is there, and whose packets pass it: untagged a role's, and by VLAN tag. */
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
 * The guards are the second wall: routing already sends nothing to the wrong side. What they stop
 * is counted, and any count but zero is news.
 *
 * The LAN lets out what the scan's user sends, networkd's own DHCP, address checks and router
 * solicitations, and what belongs to no socket of a program: ARP, neighbour discovery, group
 * reports, and the kernel's answers. Any other program's packet is stopped: agent, resolver, time,
 * root. The WAN lets out all but what the scan's user sends and the kernel's answers to what came
 * in by the LAN.
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
    ${networkdMay.map((what) => `meta skuid "${networkdUser}" ${what} accept`).join("\n    ")}
    ${anySocket} counter name ${guardCounters.lan} drop
  }
  chain judge_wan {
    meta skuid ${scanUser} counter name ${guardCounters.wan} drop
    meta mark ${scanMark} counter name ${guardCounters.wan} drop
  }`;
}

/** An orphan and the kernel's own have none. */
const anySocket = "meta skuid 0-4294967294";

const counterDeclarations = Object.values(guardCounters)
  .map((name) => `counter ${name} { }`)
  .join("\n  ");

/**
 * Above the neighbour look-up: a packet that is stopped only at the device has already made the
 * kernel ask for its neighbour. `ct state` plays no part: a connection that began on one side must
 * not go on by the other.
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
 * At the card, which packet sockets cannot pass by: a raw frame goes through neither routing nor
 * the table above. A VLAN's frames pass its card, tagged, with their socket, so cards are all that
 * need a guard, and they are there before a VLAN is.
 */
export function renderCardGuards({ cards }: Guarded): string {
  const chains = cards.map(({ name, untagged, tagged }, index) => {
    const lines = tagged.map(({ vlan, role }) => `vlan id ${vlan} goto judge_${role}`);
    // Without an untagged role nobody has any business there; it counts for the role that the card
    // is of.
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
