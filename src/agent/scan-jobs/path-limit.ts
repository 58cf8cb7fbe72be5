import type { Clock } from "../../base/clock.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";

/** Below this a refusal is not about the size. */
const floorBytes = 4096;
/** A proxy team may have helped meanwhile. */
const forgottenAfterMs = 6 * 3_600_000;

/**
 * What the path was seen to let through: how large an upload may be between here and the platform.
 */
export class PathLimit {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #smallestRefused = Number.POSITIVE_INFINITY;
  #largestPassed = 0;
  #learntMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** So large a part was refused before, and need not be tried. */
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
