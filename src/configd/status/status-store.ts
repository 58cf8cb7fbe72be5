import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../base/clock.ts";
import type { Status, Trial } from "../api/status.ts";

/** The status without the fields that depend on the time of the request. */
export type StoredStatus = Omit<Status, "revision" | "now" | "trial"> & {
  trial: Omit<Trial, "remainingMs"> | null;
};

/**
 * The status document and its revision. Revisions start at the clock's time, so that a caller with a
 * revision of an earlier configd gets the new status at once.
 */
export class StatusStore {
  readonly #clock: Clock;
  #status: StoredStatus;
  #revision: number;
  #deadlineMonotonicMs = 0;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, initial: StoredStatus) {
    this.#clock = clock;
    this.#status = initial;
    this.#revision = clock.nowMs();
  }

  get stored(): StoredStatus {
    return this.#status;
  }

  /** Changes fields. The revision grows only if a value differs. */
  update(patch: Partial<StoredStatus>): void {
    const next = { ...this.#status, ...patch };
    if (isDeepStrictEqual(next, this.#status)) return;
    this.#status = next;
    this.#announce();
  }

  /** Sets the deadline of the trial, by the monotonic clock, which does not jump. */
  setDeadline(monotonicMs: number): void {
    if (monotonicMs === this.#deadlineMonotonicMs) return;
    this.#deadlineMonotonicMs = monotonicMs;
    this.#announce();
  }

  read(): Status {
    const { trial, ...rest } = this.#status;
    const remainingMs = Math.max(
      0,
      Math.round(this.#deadlineMonotonicMs - this.#clock.monotonicMs()),
    );
    return {
      revision: this.#revision,
      now: this.#clock.nowMs(),
      ...rest,
      trial: trial === null ? null : { ...trial, remainingMs },
    };
  }

  /**
   * The status at once when its revision is not `after`, else at the next change or when the time
   * is up.
   */
  async wait(after: number | undefined, timeoutMs: number, signal: AbortSignal): Promise<Status> {
    if (after !== this.#revision) return this.read();
    const timer = new AbortController();
    const over = AbortSignal.any([timer.signal, signal]);
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      this.#clock.sleep(timeoutMs, over).then(wake, wake);
    });
    timer.abort();
    return this.read();
  }

  #announce(): void {
    this.#revision++;
    for (const wake of [...this.#waiting]) wake();
  }
}
