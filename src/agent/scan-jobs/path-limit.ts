import type { Clock } from "../../base/clock.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";

/** The path has a limit for uploads, and a part is larger. */
export const pathLimitCode = "path-upload-limit";
/** A refusal of a smaller part has another reason than its size. */
const floorBytes = 4096;
/** The limit is tried again after this time, since the proxy's operators may have raised it. */
const forgottenAfterMs = 6 * 3_600_000;

/**
 * The largest upload that passes the path to the platform, learnt from uploads that passed or
 * failed.
 */
export class PathLimit {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #smallestRefused = Number.POSITIVE_INFINITY;
  #largestPassed = 0;
  #learntMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** Whether a part of this size was refused lately and need not be tried. */
  forbids(bytes: number): boolean {
    if (this.#clock.monotonicMs() - this.#learntMs > forgottenAfterMs)
      this.#smallestRefused = Number.POSITIVE_INFINITY;
    return bytes >= this.#smallestRefused && this.isAboveFloor(bytes);
  }

  isAboveFloor(bytes: number): boolean {
    return bytes > floorBytes;
  }

  refused(bytes: number): void {
    this.#smallestRefused = Math.min(this.#smallestRefused, bytes);
    this.#learntMs = this.#clock.monotonicMs();
  }

  passed(bytes: number): void {
    this.#largestPassed = Math.max(this.#largestPassed, bytes);
    // The limit was raised.
    if (bytes >= this.#smallestRefused) this.#smallestRefused = Number.POSITIVE_INFINITY;
  }

  describe(bytes: number): Fact[] {
    const refused = fact("upload-of", { bytes });
    return this.#largestPassed > 0
      ? [refused, fact("upload-passed", { bytes: this.#largestPassed })]
      : [refused];
  }
}
