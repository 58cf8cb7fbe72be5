import { isDeepStrictEqual } from "node:util";
import type { ScanWait } from "../../configd/api/status.ts";

/** The card waits of one job: of its shards, and of the job itself while the role has no card. */
export class CardWaits {
  readonly #ofShards = new Map<number, ScanWait>();
  #ofJob: ScanWait | null = null;

  /** Null once the shard goes on, or has ended. */
  setShard(shard: number, wait: ScanWait | null): void {
    if (wait === null) this.#ofShards.delete(shard);
    else this.#ofShards.set(shard, wait);
  }

  /** The job cannot begin, or go on, since its role has no card; `null` once it has one. */
  setJob(fromMs: number | null): void {
    if (fromMs === null) this.#ofJob = null;
    else this.#ofJob ??= { card: null, kind: "missing", from: fromMs, until: null };
  }

  /** The one to show: that which began first. */
  get first(): ScanWait | null {
    const [first = null] = [...this.#ofShards.values()].sort((a, b) => a.from - b.from);
    return this.#ofJob ?? first;
  }
}

/** Tells of a shard's wait when it changes, however often it is read. */
export class ToldWait {
  readonly #tell: (wait: ScanWait | null) => void;
  #last: ScanWait | null = null;

  constructor(tell: (wait: ScanWait | null) => void) {
    this.#tell = tell;
  }

  set(wait: ScanWait | null): void {
    if (isDeepStrictEqual(wait, this.#last)) return;
    this.#last = wait;
    this.#tell(wait);
  }
}
