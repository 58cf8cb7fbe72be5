import { type BothCounts, bothCounts, type Witnessed, witness } from "./side-witness.ts";
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
  const kind = args.filter((arg) => /^-(6|s.|Pn)$/.test(arg));
  const limits = ["-n", "-T4", ...longPorts, "--host-timeout", "25s"];
  return [...limits, ...kind, ...(raw ? ["-e", device] : []), ...targets];
}

const scanBy = (lab: SplitLab, { lan }: Cards) =>
  Promise.allSettled(fewKinds.map((kind) => nmap(lab, argumentsFor(kind, lan), 120_000)));

/** Scans of every way to send, and calls, while something happens. */
export async function during(
  lab: SplitLab,
  applianceId: string,
  cards: Cards,
  event: Pick<SplitEvent, "happen" | "end" | "reloads">,
): Promise<Motion> {
  const { appliance, namespaces } = lab;
  const count = new Count(lab, event.reloads === true);
  await count.begin(cards);
  const over = new AbortController();
  const scans = scanBy(lab, cards);
  const calls = (async () => {
    while (!over.signal.aborted) await appliance.exec(["outrider", "call"], { mayFail: true });
  })();
  try {
    await until("scan packets on LAN", async () => (await wireCounts(namespaces)).lan_scan > 100);
    await event.happen(lab, count.cards, async (changed, change) => {
      await count.end();
      await change();
      await count.begin(changed);
    });
    await event.end?.(lab, count.cards);
    await scans;
    if (count.cards.lan !== cards.lan) await scanBy(lab, count.cards);
  } finally {
    over.abort();
    await calls;
  }
  await callHome(lab, applianceId);
  await count.end();
  return count.motion();
}

/** Adds up what is counted before and after the cards change their roles. */
class Count {
  readonly #lab: SplitLab;
  readonly #reloads: boolean;
  readonly #strangers: string[] = [];
  #before: BothCounts | null = null;
  #sums: Omit<Motion, "faults"> = {
    counts: { lan_scan: 0, lan_dns: 0, lan_other: 0, wan_management: 0, wan_other: 0 },
    atGuards: { lan: 0, wan: 0, lanPassed: 0, wanPassed: 0 },
    stopped: { lan: 0, wan: 0 },
  };
  cards: Cards = { lan: "", wan: "" };

  constructor(lab: SplitLab, reloads: boolean) {
    this.#lab = lab;
    this.#reloads = reloads;
  }

  async begin(cards: Cards): Promise<void> {
    this.cards = cards;
    await countOnTheWire(this.#lab.namespaces, cards);
    await witness(this.#lab, cards);
    this.#before = await bothCounts(this.#lab.namespaces);
  }

  async end(): Promise<void> {
    const { namespaces } = this.#lab;
    const counts = await wireCounts(namespaces);
    const now = await bothCounts(namespaces);
    // The status says the same.
    await guards(this.#lab);
    const atGuards = sum(now.witnessed, this.#before?.witnessed ?? now.witnessed, -1);
    // After a reload they have counted from nothing.
    const since = (side: "lan" | "wan") => {
      const before = this.#before?.stopped[side] ?? 0;
      const packets = now.stopped[side];
      return this.#reloads && packets < before ? packets : packets - before;
    };
    if (counts.lan_other + counts.wan_other + counts.lan_dns > 0)
      this.#strangers.push(await strangers(namespaces));
    this.#sums = {
      counts: sum(this.#sums.counts, counts),
      atGuards: sum(this.#sums.atGuards, atGuards),
      stopped: sum(this.#sums.stopped, { lan: since("lan"), wan: since("wan") }),
    };
  }

  motion(): Motion {
    const { counts, atGuards, stopped } = this.#sums;
    const disagreements = (["lan", "wan"] as const).map((side) => {
      const agrees = this.#reloads
        ? stopped[side] <= atGuards[side]
        : stopped[side] === atGuards[side];
      const name = side.toUpperCase();
      return agrees ? "" : `${name}: ${atGuards[side]} at the guards, ${stopped[side]} stopped`;
    });
    const faults = [
      ...this.#strangers.map((each) => `astray: ${each}`),
      atGuards.lanPassed + atGuards.wanPassed > 0 ? "the guards let something through" : "",
      ...disagreements,
      counts.lan_scan > 100 ? "" : "no scan on LAN",
      counts.wan_management > 0 ? "" : "no call on WAN",
    ].filter((fault) => fault !== "");
    return { counts, atGuards, stopped, faults };
  }
}

function sum<Kind extends string>(
  one: Readonly<Record<Kind, number>>,
  other: Readonly<Record<Kind, number>>,
  factor: 1 | -1 = 1,
): Record<Kind, number> {
  const total: Record<Kind, number> = { ...one };
  for (const kind in total) total[kind] = one[kind] + factor * other[kind];
  return total;
}
