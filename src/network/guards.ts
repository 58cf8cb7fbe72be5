import type { Network } from "../settings/model/schema.ts";
import type { Role, RoleDevices } from "./roles.ts";
import { networkdUser, scanUser } from "./users.ts";

/**
 * The mark on the packets of each side, coming in and going out. The kernel's own packets inherit
 * the mark of the packet that caused them (`fwmark_reflect`): answers to what came in, and errors
 * about what could not go out.
 */
export const sideMarks: Readonly<Record<Role, number>> = { lan: 0x64, wan: 0x65 };
/** Routing sends this one to the scan side's table. */
export const scanMark = sideMarks.lan;

/**
 * RFC 7600's dummy address, on the loopback interface in split mode. A card without an IPv4 address
 * makes Linux take one of another card as the sender of ARP (inet_select_addr); it looks at the
 * loopback interface first. The guards know the packets by it.
 */
export const nobodysAddress = "192.0.0.8";

/** Our tables in nftables. They hold nothing else, so they can be replaced in one transaction. */
export const firewallTable = "outrider";
/** What each side's guards stopped: packets of programs, and packets that the kernel itself made. */
export const guardCounters: Readonly<Record<Role, { programs: string; kernel: string }>> = {
  lan: { programs: "stopped_on_lan", kernel: "kernel_on_lan" },
  wan: { programs: "stopped_on_wan", kernel: "kernel_on_wan" },
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

/** True for packets with a socket: orphaned connections and the kernel's own packets have none. */
const anySocket = "meta skuid 0-4294967294";

const otherSide: Readonly<Record<Role, Role>> = { lan: "wan", wan: "lan" };

/**
 * The guards are the second wall: routing already sends nothing to the wrong side. They count what
 * they drop, and any count but zero is reported.
 *
 * The LAN lets out packets of the scan's user; networkd's own DHCP, address checks and router
 * solicitations; and packets of no program's socket: ARP, neighbour discovery, group reports, and
 * the kernel's answers. Packets of every other program are dropped: agent, resolver, time, root.
 * The WAN lets out everything except packets of the scan's user.
 *
 * Neither lets out what the other side caused: a mark of that side, or, in the output hook, a source
 * address that another card has (RFC 1122 section 3.3.4.2: the strong end system model).
 */
function renderJudgements(family: "inet" | "netdev"): string {
  const networkdMay = [
    "udp sport 68 udp dport 67",
    "udp sport 546 udp dport 547",
    "icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert }",
    ...(family === "netdev" ? ["ether type arp"] : []),
  ];
  const stop = (role: Role) => `chain stop_on_${role} {
    ${anySocket} counter name ${guardCounters[role].programs} drop
    counter name ${guardCounters[role].kernel} drop
  }`;
  const ownSideOnly = (role: Role) =>
    [
      `meta mark ${sideMarks[otherSide[role]]} goto stop_on_${role}`,
      ...(family === "netdev"
        ? [`arp saddr ip ${nobodysAddress} goto stop_on_${role}`]
        : [
            `fib saddr type local fib saddr . oif type != local goto stop_on_${role}`,
            // The kernel's error about this packet must find its side, even when the address that
            // it goes back to has left the card.
            `meta mark set ${sideMarks[role]}`,
          ]),
    ].join("\n    ");
  return `${stop("lan")}
  ${stop("wan")}
  chain judge_lan {
    ${ownSideOnly("lan")}
    meta skuid ${scanUser} accept
    ${networkdMay.map((match) => `meta skuid "${networkdUser}" ${match} accept`).join("\n    ")}
    ${anySocket} goto stop_on_lan
  }
  chain judge_wan {
    meta skuid ${scanUser} goto stop_on_wan
    ${ownSideOnly("wan")}
  }`;
}

const counterDeclarations = Object.values(guardCounters)
  .flatMap(({ programs, kernel }) => [programs, kernel])
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
  return `${counterDeclarations}
  ${renderJudgements("inet")}
  chain guard {
    type filter hook output priority filter; policy accept;
    ${jumps.join("\n    ")}
  }`;
}

/**
 * At the card, which packet sockets cannot bypass: a raw frame passes neither routing nor the table
 * above. Frames of a VLAN pass its card tagged and with their socket, so only cards need a guard,
 * and a card exists before its VLAN.
 *
 * What comes in is marked here too: before fragments are put together, so that the kernel's error
 * about fragments that never became whole goes back to its side (`ip_expire` in Linux answers with
 * the mark of the first fragment).
 */
export function renderCardGuards({ cards }: Guarded): string {
  const chains = cards.map(({ name, untagged, tagged }, index) => {
    const out = tagged.map(({ vlan, role }) => `vlan id ${vlan} goto judge_${role}`);
    // Without an untagged role no program may send untagged packets; they count for a role of the
    // card.
    out.push(
      untagged === null
        ? `${anySocket} counter name ${guardCounters[tagged[0]?.role ?? "lan"].programs} drop`
        : `goto judge_${untagged}`,
    );
    const marks = [
      ...(untagged === null ? [] : [`meta mark set ${sideMarks[untagged]}`]),
      ...tagged.map(({ vlan, role }) => `vlan id ${vlan} meta mark set ${sideMarks[role]}`),
    ];
    return `chain arrive_${index} {
    type filter hook ingress device "${name}" priority filter; policy accept;
    ${marks.join("\n    ")}
  }
  chain card_${index} {
    type filter hook egress device "${name}" priority filter; policy accept;
    ${out.join("\n    ")}
  }`;
  });
  return `table netdev ${firewallTable} {
  ${counterDeclarations}
  ${renderJudgements("netdev")}
  ${chains.join("\n  ")}
}
`;
}
