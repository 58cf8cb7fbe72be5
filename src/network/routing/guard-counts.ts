import { firewallTable, guardCounters } from "../guards.ts";
import type { CounterList } from "./schema.ts";

export interface GuardCount {
  packets: number;
  bytes: number;
}

/** The packets that the guards of each side have dropped. */
export interface GuardCounts {
  lan: GuardCount;
  wan: GuardCount;
}

/**
 * A packet is dropped either in the output hook or at the card, so it is counted once. Null when
 * there are no guards.
 */
export function readGuardCounts({ nftables }: CounterList): GuardCounts | null {
  const counters = nftables.flatMap(({ counter }) =>
    counter !== undefined && counter.table === firewallTable ? [counter] : [],
  );
  const sum = (wanted: string): GuardCount =>
    counters.reduce(
      (total, { name, packets, bytes }) =>
        name === wanted ? { packets: total.packets + packets, bytes: total.bytes + bytes } : total,
      {
        packets: 0,
        bytes: 0,
      },
    );
  const names = Object.values(guardCounters);
  return counters.some(({ name }) => names.includes(name))
    ? { lan: sum(guardCounters.lan), wan: sum(guardCounters.wan) }
    : null;
}
