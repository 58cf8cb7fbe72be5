import type { Clock } from "../../base/clock.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { WakeUp } from "../../base/wake-up.ts";

export const refusalCodes = ["appliance-revoked", "appliance-copy"] as const satisfies ErrorCode[];
export type RefusalCode = (typeof refusalCodes)[number];

export function isRefusal(code: string): code is RefusalCode {
  return refusalCodes.some((each) => each === code);
}

/** Whether the platform lets this appliance work. Only its signed word changes that. */
export class PlatformAccess {
  #refusal: RefusalCode | null;
  #working = new AbortController();
  readonly #good = new WakeUp();
  readonly #clock: Clock;

  constructor(clock: Clock, refusal: RefusalCode | null) {
    this.#clock = clock;
    this.#refusal = refusal;
    if (refusal !== null) this.#working.abort(new Error(refusal));
  }

  get refusal(): RefusalCode | null {
    return this.#refusal;
  }

  /** Aborted as soon as the platform refuses. */
  get working(): AbortSignal {
    return this.#working.signal;
  }

  /** True when this was news. */
  set(refusal: RefusalCode | null): boolean {
    if (refusal === this.#refusal) return false;
    this.#refusal = refusal;
    if (refusal !== null) this.#working.abort(new Error(refusal));
    else {
      this.#working = new AbortController();
      this.#good.raise();
    }
    return true;
  }

  async untilGood(signal: AbortSignal): Promise<void> {
    while (this.#refusal !== null) {
      this.#good.clear();
      await this.#good.wait(this.#clock, 3_600_000, signal);
    }
  }
}
