import type { Clock } from "../../base/clock.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { WakeUp } from "../../base/wake-up.ts";

/** What the platform answers to an appliance that may not work. */
export const accessRefusals = [
  "appliance-revoked",
  "appliance-copy",
] as const satisfies ErrorCode[];
export type RefusalCode = (typeof accessRefusals)[number];

/** Whether the platform allows this appliance to work. Only an answer of the platform to a verified
 * request changes it. */
export class PlatformAccess {
  #refusal: RefusalCode | null;
  #allowed = new AbortController();
  readonly #wakeUp = new WakeUp();
  readonly #clock: Clock;

  constructor(clock: Clock, refusal: RefusalCode | null) {
    this.#clock = clock;
    this.#refusal = refusal;
    if (refusal !== null) this.#allowed.abort(new Error(refusal));
  }

  /** Null while the appliance may work. */
  get refusal(): RefusalCode | null {
    return this.#refusal;
  }

  /** Aborted as soon as the platform refuses; another signal once it allows work again. */
  get whileAllowed(): AbortSignal {
    return this.#allowed.signal;
  }

  /** @returns whether this is a change */
  set(refusal: RefusalCode | null): boolean {
    if (refusal === this.#refusal) return false;
    this.#refusal = refusal;
    if (refusal !== null) this.#allowed.abort(new Error(refusal));
    else {
      this.#allowed = new AbortController();
      this.#wakeUp.raise();
    }
    return true;
  }

  /** Resolves at once while work is allowed; rejects when `signal` is aborted. */
  async untilAllowed(signal: AbortSignal): Promise<void> {
    while (this.#refusal !== null) {
      this.#wakeUp.clear();
      await this.#wakeUp.wait(this.#clock, 3_600_000, signal);
    }
  }
}
