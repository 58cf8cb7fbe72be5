import { firewallTable, guardCounters } from "../guards.ts";
import type { Role } from "../roles.ts";
import type { CounterList } from "./schema.ts";

export interface GuardCount {
  packets: number;
  bytes: number;
  /** How many of the packets the kernel itself made: answers and errors, by no program's wish. */
  kernelPackets: number;
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
  const sum = (wanted: string) =>
    counters
      .filter(({ name }) => name === wanted)
      .reduce(
        (total, { packets, bytes }) => ({
          packets: total.packets + packets,
          bytes: total.bytes + bytes,
        }),
        { packets: 0, bytes: 0 },
      );
  const countOf = (role: Role): GuardCount => {
    const programs = sum(guardCounters[role].programs);
    const kernel = sum(guardCounters[role].kernel);
    return {
      packets: programs.packets + kernel.packets,
      bytes: programs.bytes + kernel.bytes,
      kernelPackets: kernel.packets,
    };
  };
  const names = Object.values(guardCounters).map(({ programs }) => programs);
  return counters.some(({ name }) => names.includes(name))
    ? { lan: countOf("lan"), wan: countOf("wan") }
    : null;
}
