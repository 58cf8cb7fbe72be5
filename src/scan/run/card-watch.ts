import type { Family } from "../../base/addresses/address.ts";
import type { Clock } from "../../base/clock.ts";
import { mostOutages, type Outage } from "../schemas.ts";
import { type CardState, faultNow, faultSince, type OutageKind, type ScanCard } from "./card.ts";

export interface CardUse {
  card: ScanCard;
  family: Family;
  clock: Clock;
  /** How long each outage may last. */
  waitMs: number;
  signal: AbortSignal;
  /** Called when the scan begins to wait, and when it goes on. */
  told?(wait: WaitBegun | null): void;
}

export interface WaitBegun {
  kind: OutageKind;
  from: number;
  until: number;
}

const lookMs = 500;
/** A card that comes back gets its addresses and routes one after the other. */
const settleMs = 3000;
/** An IPv6 address may never come: most networks without a router for IPv6 have none. */
const firstAddress6Ms = 120_000;

/**
 * Runs an engine while its card can be used, from its begin again after each outage: an engine
 * takes the silence of a dead card for closed ports and absent hosts. `result` is null when the
 * card did not come back in time, or was lost too often. An aborted `signal` ends the run as it
 * ends the engine.
 */
export async function runOverCard<Result>(
  use: CardUse,
  run: (lost: AbortSignal) => Promise<Result>,
): Promise<{ result: Result | null; outages: Outage[] }> {
  const { card, clock, signal } = use;
  const outages: Outage[] = [];
  let open = openOutage(faultNow(card.look(use.family)), clock);
  for (;;) {
    if (open !== null) {
      const limitMs = outages.length === 0 ? firstWaitMs(use, open.kind) : use.waitMs;
      use.told?.({ ...open, until: clock.nowMs() + limitMs });
      const isBack = await waitForCard(use, limitMs);
      outages.push({ card: card.name, ...open, to: Math.max(open.from, clock.nowMs()) });
      if (!isBack || outages.length > mostOutages || signal.aborted)
        return { result: null, outages };
      use.told?.(null);
    }
    const before = card.look(use.family);
    const watch = new Watch(use, before);
    const result = await run(watch.lost);
    const lost = watch.end();
    if (signal.aborted || lost === null) return { result, outages };
    open = lost;
  }
}

interface OpenOutage {
  kind: OutageKind;
  from: number;
}

function openOutage(kind: OutageKind | null, clock: Clock): OpenOutage | null {
  return kind === null ? null : { kind, from: clock.nowMs() };
}

function firstWaitMs({ family, waitMs }: CardUse, kind: OutageKind): number {
  return family === 6 && kind === "no-address" ? Math.min(waitMs, firstAddress6Ms) : waitMs;
}

/** True once the card can be used and has settled; false at the limit, or when aborted. */
async function waitForCard(
  { card, family, clock, signal }: CardUse,
  limitMs: number,
): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  let ready: { state: CardState; sinceMs: number } | null = null;
  while (!signal.aborted) {
    const state = card.look(family);
    if (faultNow(state) !== null) ready = null;
    else if (ready === null || faultSince(ready.state, state) !== null)
      ready = { state, sinceMs: clock.monotonicMs() };
    if (ready !== null && clock.monotonicMs() - ready.sinceMs >= settleMs) return true;
    if (ready === null && clock.monotonicMs() >= deadlineMs) return false;
    await clock.sleep(lookMs, signal).catch(() => undefined);
  }
  return false;
}

/** Looks at the card while an engine runs. */
class Watch {
  readonly #use: CardUse;
  readonly #before: CardState;
  readonly #lost = new AbortController();
  readonly #over = new AbortController();
  #outage: OpenOutage | null = null;

  constructor(use: CardUse, before: CardState) {
    this.#use = use;
    this.#before = before;
    void this.#run();
  }

  /** Aborted when the card is lost. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Ends the watch; what happened to the card while the engine ran, null for nothing. */
  end(): OpenOutage | null {
    this.#look();
    this.#over.abort();
    return this.#outage;
  }

  async #run(): Promise<void> {
    const { clock } = this.#use;
    while (!this.#over.signal.aborted && this.#outage === null) {
      await clock.sleep(lookMs, this.#over.signal).catch(() => undefined);
      if (!this.#over.signal.aborted) this.#look();
    }
  }

  #look(): void {
    const { card, family, clock } = this.#use;
    this.#outage ??= openOutage(faultSince(this.#before, card.look(family)), clock);
    if (this.#outage !== null) this.#lost.abort(new Error("the card was lost"));
  }
}
