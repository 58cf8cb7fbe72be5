import type { InterfaceSettings } from "../../src/settings/model/schema.ts";
import { type Cards, events, rolesAndCablesSwapped } from "../testkit/lab/split-events.ts";
import {
  addressed,
  automatic,
  enrol,
  splitNetwork,
  startSplitLab,
  staticLan,
  staticWan,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { during, type Motion } from "../testkit/lab/split-motion.ts";

export interface MotionRow extends Motion {
  addresses: string;
  event: string;
  /** The guards counted from nothing again: their count cannot be compared, only bounded. */
  reloads: boolean;
}

const pairs: readonly { name: string; lan: InterfaceSettings; wan: InterfaceSettings }[] = [
  { name: "DHCP, RA", lan: automatic, wan: automatic },
  { name: "static", lan: staticLan, wan: staticWan },
];

export function motionTable(rows: readonly MotionRow[]): string {
  const head = [
    "addresses",
    "while scans and calls run",
    "scan packets on LAN",
    "calls home on WAN",
    "astray on LAN",
    "astray on WAN",
    "for the wrong side at LAN's guard",
    "stopped",
    "for the wrong side at WAN's guard",
    "stopped",
    "wrong",
  ];
  const lines = rows.map(({ addresses, event, reloads, counts, atGuards, stopped, faults }) => [
    addresses,
    event,
    counts.lan_scan,
    counts.wan_management,
    counts.lan_other + counts.lan_dns,
    counts.wan_other,
    atGuards.lan,
    `${stopped.lan}${reloads ? " (new rules)" : ""}`,
    atGuards.wan,
    `${stopped.wan}${reloads ? " (new rules)" : ""}`,
    faults.join("; "),
  ]);
  return [head, head.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`.replace("|  |", "| |"))
    .join("\n");
}

/** Each event while scans of both families and calls run, by lease and static. */
export async function runSplitMotion(tell: (row: MotionRow) => void): Promise<MotionRow[]> {
  return (await Promise.all(pairs.map((pair) => runPair(pair, tell)))).flat();
}

async function runPair(
  { name, lan, wan }: (typeof pairs)[number],
  tell: (row: MotionRow) => void,
): Promise<MotionRow[]> {
  const rows: MotionRow[] = [];
  const lab = await startSplitLab(withNetwork(splitNetwork(lan, wan)));
  const add = (event: string, reloads: boolean, motion: Motion) => {
    const row = { addresses: name, event, reloads, ...motion };
    rows.push(row);
    tell(row);
  };
  try {
    await addressed(lab);
    const id = await enrol(lab);
    const straight: Cards = { lan: "eth0", wan: "eth1" };
    for (const event of [...events, rolesAndCablesSwapped({ lan, wan })])
      add(event.name, event.reloads === true, await during(lab, id, straight, event));
    // The same again with each card in the other role.
    const swapped: Cards = { lan: "eth1", wan: "eth0" };
    for (const event of events.slice(0, 2))
      add(`${event.name}, with swapped roles`, false, await during(lab, id, swapped, event));
  } finally {
    await lab.stop();
  }
  return rows;
}
