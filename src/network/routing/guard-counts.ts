import { firewallTable, guardCounters } from "../guards.ts";
import type { CounterList } from "./schema.ts";

export interface GuardCount {
  packets: number;
  bytes: number;
}

/** What the guards of each side have stopped. */
export interface GuardCounts {
  lan: GuardCount;
  wan: GuardCount;
}

/**
 * A packet is stopped above the neighbour look-up or at the card, never twice. Null when there are
 * no guards.
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
