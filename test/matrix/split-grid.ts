import type { InterfaceSettings } from "../../src/settings/model/schema.ts";
import {
  addressed,
  automatic,
  callHome,
  enrol,
  guards,
  nmap,
  type SplitLab,
  splitNetwork,
  startSplitLab,
  staticLan,
  staticWan,
  swapRoles,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { argumentsOf, leaks, type ScanKind, scanKinds } from "../testkit/lab/split-scans.ts";
import {
  countOnTheWire,
  strangers,
  type WireCounts,
  wireCounts,
} from "../testkit/lab/wire-count.ts";

export interface SplitRow {
  addresses: string;
  state: string;
  scan: string;
  counts: WireCounts;
  /** The packets that the guards stopped during it. */
  stopped: number;
  fault: string | null;
}

interface Cell {
  addresses: string;
  state: string;
  cards: { lan: string; wan: string };
  lanUp: boolean;
  wanUp: boolean;
}

const pairs: readonly { name: string; lan: InterfaceSettings; wan: InterfaceSettings }[] = [
  { name: "DHCP, RA", lan: automatic, wan: automatic },
  { name: "static", lan: staticLan, wan: staticWan },
];

/** Every kind of scan besides a call home, in every state of the two cards. */
export async function runSplitGrid(tell: (row: SplitRow) => void): Promise<SplitRow[]> {
  const rows: SplitRow[] = [];
  for (const pair of pairs) {
    const settings = withNetwork(splitNetwork(pair.lan, pair.wan));
    const lab = await startSplitLab(settings);
    try {
      await addressed(lab);
      const id = await enrol(lab);
      const straight = { lan: "eth0", wan: "eth1" };
      const cell = async (state: string, more: Partial<Cell> = {}) => {
        const each: Cell = {
          addresses: pair.name,
          state,
          cards: straight,
          lanUp: true,
          wanUp: true,
          ...more,
        };
        for (const kind of scanKinds) rows.push(await runCell(lab, id, each, kind, tell));
      };
      await cell("both up");
      for (const args of leaks("eth1")) rows.push(await runLeak(lab, pair.name, args, tell));
      await lab.appliance.setCarrier("eth0", false);
      await until(
        "LAN is down",
        async () =>
          !/ dev eth0/.test(
            (await lab.appliance.exec(["ip", "route", "show", "table", "100"], { mayFail: true }))
              .stdout,
          ),
      );
      await cell("LAN down", { lanUp: false });
      await lab.appliance.setCarrier("eth0", true);
      await addressed(lab);
      await lab.appliance.setCarrier("eth1", false);
      await until(
        "WAN is down",
        async () => (await lab.appliance.exec(["ip", "route", "show", "default"])).stdout === "",
      );
      await cell("WAN down", { wanUp: false });
      await lab.appliance.setCarrier("eth1", true);
      await addressed(lab);
      await swapRoles(lab, pair.lan, pair.wan);
      await cell("swapped", { cards: { lan: "eth1", wan: "eth0" } });
    } finally {
      await lab.stop();
    }
  }
  return rows;
}

async function runCell(
  lab: SplitLab,
  id: string,
  cell: Cell,
  kind: ScanKind,
  tell: (row: SplitRow) => void,
): Promise<SplitRow> {
  const { addresses, state, cards, lanUp, wanUp } = cell;
  await countOnTheWire(lab.namespaces, cards);
  const before = await guards(lab);
  const [{ stdout }] = await Promise.all([
    nmap(lab, argumentsOf(kind, cards.lan)),
    wanUp ? callHome(lab, id) : lab.appliance.exec(["outrider", "call"], { mayFail: true }),
  ]);
  const counts = await wireCounts(lab.namespaces);
  const stopped = total(await guards(lab)) - total(before);
  const faults = [
    counts.lan_other + counts.wan_other + counts.lan_dns > 0
      ? `astray: ${await strangers(lab.namespaces)}`
      : "",
    stopped > 0 ? "guards had to stop packets" : "",
    kind.finds.test(stdout) !== lanUp
      ? `found ${lanUp ? "less than there is" : "something"}: ${stdout.trim().split("\n").at(-1)}`
      : "",
    counts.lan_scan > 0 !== lanUp ? "LAN" : "",
    counts.wan_management > 0 !== wanUp ? "WAN" : "",
  ].filter((fault) => fault !== "");
  const row = {
    addresses,
    state,
    scan: `${kind.name}, IPv${kind.family}`,
    counts,
    stopped,
    fault: faults.length === 0 ? null : faults.join("; "),
  };
  tell(row);
  return row;
}

async function runLeak(
  lab: SplitLab,
  addresses: string,
  args: readonly string[],
  tell: (row: SplitRow) => void,
): Promise<SplitRow> {
  await countOnTheWire(lab.namespaces, { lan: "eth0", wan: "eth1" });
  const before = await guards(lab);
  await nmap(lab, args);
  const counts = await wireCounts(lab.namespaces);
  const stopped = total(await guards(lab)) - total(before);
  const fault = counts.wan_other > 0 ? `astray: ${await strangers(lab.namespaces)}` : null;
  const scan = `nmap ${args.filter((arg) => !/^(-n|-Pn|-p|80|--max-retries|0)$/.test(arg)).join(" ")}`;
  const row = { addresses, state: "leaking", scan, counts, stopped, fault };
  tell(row);
  return row;
}

function total(counts: { lan: number; wan: number } | null): number {
  return counts === null ? 0 : counts.lan + counts.wan;
}

export function splitTable(rows: readonly SplitRow[]): string {
  const lines = rows.map(({ addresses, state, scan, counts, stopped, fault }) =>
    [
      addresses,
      state,
      scan,
      counts.lan_scan,
      counts.wan_management,
      counts.lan_other + counts.lan_dns,
      counts.wan_other,
      stopped,
      fault ?? "",
    ].join(" | "),
  );
  const head = [
    "addresses",
    "cards",
    "scan",
    "scan packets on LAN",
    "calls home on WAN",
    "astray on LAN",
    "astray on WAN",
    "stopped by guards",
    "wrong",
  ];
  return [head.join(" | "), head.map(() => "---").join(" | "), ...lines]
    .map((line) => `| ${line} |`.replace("|  |", "| |"))
    .join("\n");
}
