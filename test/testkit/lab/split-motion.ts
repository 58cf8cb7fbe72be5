import { type Witnessed, witness, witnessed } from "./side-witness.ts";
import type { Cards, SplitEvent } from "./split-events.ts";
import { callHome, guards, nmap, type SplitLab, until } from "./split-lab.ts";
import { fewKinds, type ScanKind } from "./split-scans.ts";
import { countOnTheWire, strangers, type WireCounts, wireCounts } from "./wire-count.ts";

export interface Motion {
  counts: WireCounts;
  atGuards: Witnessed;
  /** What the guards say that they stopped. */
  stopped: { lan: number; wan: number };
  faults: string[];
}

/** Each kind for some 20 s: enough to be there before, during and after what happens. */
const longPorts = ["-p", "1-4000", "--max-retries", "1", "--max-rate", "200"];

function argumentsFor({ args, raw, targets }: ScanKind, device: string): string[] {
  const kind = args.filter((arg) => /^-(6|s.|Pn|PE)$/.test(arg));
  return [
    "-n",
    "-T4",
    ...kind,
    ...longPorts,
    "--host-timeout",
    "25s",
    ...(raw ? ["-e", device] : []),
    ...targets,
  ];
}

/** Scans of every way to send, and calls, over `cards` while something happens. */
export async function during(
  lab: SplitLab,
  applianceId: string,
  cards: Cards,
  event: Pick<SplitEvent, "happen" | "end" | "reloads">,
): Promise<Motion> {
  const { namespaces, appliance } = lab;
  await countOnTheWire(namespaces, cards);
  await witness(namespaces, cards);
  const before = (await guards(lab)) ?? { lan: 0, wan: 0 };
  const over = new AbortController();
  const scans = Promise.allSettled(
    fewKinds.map((kind) => nmap(lab, argumentsFor(kind, cards.lan), 120_000)),
  );
  const calls = (async () => {
    while (!over.signal.aborted) await appliance.exec(["outrider", "call"], { mayFail: true });
  })();
  try {
    await until("scan packets on LAN", async () => (await wireCounts(namespaces)).lan_scan > 100);
    await event.happen(lab, cards);
    await event.end?.(lab, cards);
    await scans;
  } finally {
    over.abort();
    await calls;
  }
  await callHome(lab, applianceId);
  const counts = await wireCounts(namespaces);
  const atGuards = await witnessed(namespaces);
  const now = (await guards(lab)) ?? { lan: 0, wan: 0 };
  const reloaded = event.reloads === true;
  const stopped = reloaded ? now : { lan: now.lan - before.lan, wan: now.wan - before.wan };
  const faults = [
    counts.lan_other + counts.wan_other + counts.lan_dns > 0
      ? `astray: ${await strangers(namespaces)}`
      : "",
    atGuards.lanPassed + atGuards.wanPassed > 0 ? "the guards let something through" : "",
    ...(["lan", "wan"] as const).map((side) => {
      const agrees = reloaded ? stopped[side] <= atGuards[side] : stopped[side] === atGuards[side];
      return agrees
        ? ""
        : `${side}: ${atGuards[side]} for the wrong side, ${stopped[side]} stopped`;
    }),
    counts.lan_scan > 100 ? "" : "no scan on LAN",
    counts.wan_management > 0 ? "" : "no call on WAN",
  ].filter((fault) => fault !== "");
  return { counts, atGuards, stopped, faults };
}
