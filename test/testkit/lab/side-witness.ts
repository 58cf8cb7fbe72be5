import { hosts, segments } from "../../../image/lab/addresses.ts";
import type { Appliance } from "../../../image/lab/appliance.ts";
import type { Namespaces } from "../../../image/lab/namespaces.ts";
import type { Terminal } from "../../../image/terminal/terminal.ts";
import { firewallTable, guardCounters } from "../../../src/network/guards.ts";
import { networkdUser, scanUser } from "../../../src/network/users.ts";
import { bytesOf } from "./frames.ts";

/**
 * A second opinion on what the appliance's kernel hands to its cards: hooks of the lab in the
 * appliance's network, just before and just after its guards. They know the wrong side by addresses
 * and users, where the guards go by marks. What is there before and not after was stopped, and must
 * be what the guards say that they stopped.
 */
export interface Witnessed {
  /** Packets for the wrong side that reached the guards. */
  lan: number;
  wan: number;
  /** Those that the guards let through. */
  lanPassed: number;
  wanPassed: number;
}

const kinds = ["lan", "wan", "lan_passed", "wan_passed"] as const;
const network4 = (side: "lan" | "wan") => `${segments[side].network}/${segments[side].prefix}`;
const network6 = (side: "lan" | "wan") => `${segments[side].prefix6}/64`;

/** Bits from the begin of ICMP's header to the source and destination of the packet that it quotes. */
const quoted4 = [160, 192];
const quoted6 = [128, 256];
/** RFC 792 and RFC 4443: messages that quote a packet. */
const errors4 = "{ destination-unreachable, redirect, time-exceeded, parameter-problem }";
const errors6 = "{ destination-unreachable, packet-too-big, time-exceeded, parameter-problem }";

/**
 * Rules that `then` a packet that belongs to `side`, by its source or by the packet that it quotes.
 * LAN also scans a host of WAN's network, by its own gateway: to quote that host is right there.
 */
function ofSide(side: "lan" | "wan", then: string): string[] {
  const scanned = side === "wan" ? [hosts.proxy] : [];
  return [
    `ip saddr ${network4(side)} ${then}`,
    `ip6 saddr ${network6(side)} ${then}`,
    ...scanned.flatMap(({ address, address6 }) => [
      ...quoted4.map((at) => `icmp type ${errors4} @th,${at},32 ${hexOf(address)} accept`),
      ...quoted6.map((at) => `icmpv6 type ${errors6} @th,${at},128 ${hexOf(address6)} accept`),
    ]),
    ...quoted4.map(
      (at) => `icmp type ${errors4} @th,${at},24 ${hexOf(segments[side].network, 3)} ${then}`,
    ),
    ...quoted6.map(
      (at) =>
        `icmpv6 type ${errors6} @th,${at},64 ${hexOf(`${segments[side].prefix6}0`, 8)} ${then}`,
    ),
  ];
}

function hexOf(address: string, bytes = 16): string {
  return `0x${bytesOf(address).subarray(0, bytes).toString("hex")}`;
}

function table(
  family: "inet" | "netdev",
  hooks: readonly { name: string; hook: string; lines: readonly string[] }[],
): string {
  return `table ${family} witness
delete table ${family} witness
table ${family} witness {
  ${kinds.map((kind) => `counter ${kind} { }`).join("\n  ")}
  ${hooks.map(({ name, hook, lines }) => `chain ${name} {\n    ${hook} policy accept;\n    ${lines.join("\n    ")}\n  }`).join("\n  ")}
}
`;
}

/** Begins to count from nothing. The cards must be there. */
export async function witness(
  { namespaces, appliance }: { namespaces: Namespaces; appliance: Appliance<Terminal> },
  { lan, wan }: { lan: string; wan: string },
): Promise<void> {
  // nft runs outside of the appliance, where that user may have another number.
  const networkd = (await appliance.exec(["id", "-u", networkdUser])).stdout.trim();
  const judge = (side: "lan" | "wan", kind: (typeof kinds)[number]) => {
    const then = `counter name ${kind} accept`;
    return side === "lan"
      ? [
          `meta skuid 0-4294967294 meta skuid != { ${scanUser}, ${networkd} } ${then}`,
          ...ofSide("wan", then),
        ]
      : [`meta skuid ${scanUser} ${then}`, ...ofSide("lan", then)];
  };
  // RFC 7600's address: the sender that Linux takes for a card without one.
  const senderless = (kind: (typeof kinds)[number]) =>
    `arp saddr ip 192.0.0.8 counter name ${kind} accept`;
  const chains = (family: "inet" | "netdev") =>
    (["before", "after"] as const).flatMap((when) => {
      const priority = when === "before" ? -10 : 10;
      const kindOf = (side: "lan" | "wan") =>
        when === "before" ? side : (`${side}_passed` as const);
      if (family === "netdev")
        return (
          [
            ["lan", lan],
            ["wan", wan],
          ] as const
        ).map(([side, card]) => ({
          name: `${when}_${side}`,
          hook: `type filter hook egress device "${card}" priority ${priority};`,
          lines: [
            senderless(kindOf(side)),
            `arp saddr ip ${network4(side === "lan" ? "wan" : "lan")} counter name ${kindOf(side)} accept`,
            ...judge(side, kindOf(side)),
          ],
        }));
      return [
        {
          name: when,
          hook: `type filter hook output priority ${priority};`,
          lines: [
            ...judge("lan", kindOf("lan")).map((rule) => `oifname "${lan}" ${rule}`),
            ...judge("wan", kindOf("wan")).map((rule) => `oifname "${wan}" ${rule}`),
          ],
        },
      ];
    });
  await namespaces.runPeer(["nft", "-f", "-"], {
    host: "appliance",
    input: table("inet", chains("inet")) + table("netdev", chains("netdev")),
  });
}

/** What the hooks saw, and what the guards say that they stopped, of one moment. */
export interface BothCounts {
  witnessed: Witnessed;
  stopped: { lan: number; wan: number };
}

/** Both are read by one listing: packets go on coming while a test looks. */
export async function bothCounts(namespaces: Namespaces): Promise<BothCounts> {
  const { stdout } = await namespaces.runPeer(["nft", "list", "counters"], { host: "appliance" });
  const tables = stdout.split(/^table /m);
  const sumOf = (table: string, counter: string) =>
    tables
      .filter((text) => text.startsWith(`inet ${table} `) || text.startsWith(`netdev ${table} `))
      .reduce((total, text) => total + packetsOf(text, counter), 0);
  const guarded = (side: "lan" | "wan") =>
    sumOf(firewallTable, guardCounters[side].programs) +
    sumOf(firewallTable, guardCounters[side].kernel);
  return {
    witnessed: {
      lan: sumOf("witness", "lan"),
      wan: sumOf("witness", "wan"),
      lanPassed: sumOf("witness", "lan_passed"),
      wanPassed: sumOf("witness", "wan_passed"),
    },
    stopped: { lan: guarded("lan"), wan: guarded("wan") },
  };
}

function packetsOf(text: string, counter: string): number {
  return Number(new RegExp(`counter ${counter} \\{\\s+packets (\\d+)`).exec(text)?.[1] ?? 0);
}

export async function witnessed(namespaces: Namespaces): Promise<Witnessed> {
  return (await bothCounts(namespaces)).witnessed;
}
