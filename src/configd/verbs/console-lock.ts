import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Secrets } from "../kept/secrets.ts";

const derive = promisify<
  string,
  Buffer,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);
const keyBytes = 32;
/** About 100 ms and 32 MiB on the smallest machine: a PIN of four digits needs a costly hash. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const freeTries = 3;
const firstWaitMs = 5_000;
const longestWaitMs = 300_000;

export interface UnlockAnswer {
  unlocked: boolean;
  /** Until then no further try is checked. */
  retryAfterMs: number;
}

/**
 * The console's PIN or password. It is stored only as a hash, and guesses are limited for all
 * terminals together.
 */
export class ConsoleLock {
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  #failures = 0;
  #waitUntilMs = Number.NEGATIVE_INFINITY;

  constructor(secrets: Secrets, clock: Clock) {
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /**
   * Checks a PIN. Without a stored PIN, every text unlocks. Throws OutriderError "pin-damaged" when
   * the stored one cannot be opened: then nothing unlocks.
   */
  async unlock(pin: string): Promise<UnlockAnswer> {
    const leftMs = this.#waitUntilMs - this.#clock.monotonicMs();
    if (leftMs > 0) return { unlocked: false, retryAfterMs: Math.ceil(leftMs) };
    // Counted before the check, so that concurrent guesses count too.
    this.#failures += 1;
    const waitMs =
      this.#failures < freeTries
        ? 0
        : Math.min(firstWaitMs * 2 ** (this.#failures - freeTries), longestWaitMs);
    this.#waitUntilMs = this.#clock.monotonicMs() + waitMs;
    const kept = await this.#secrets.read("console-pin");
    if (kept !== null && !(await matches(pin, kept)))
      return { unlocked: false, retryAfterMs: waitMs };
    this.#failures = 0;
    this.#waitUntilMs = Number.NEGATIVE_INFINITY;
    return { unlocked: true, retryAfterMs: 0 };
  }

  /**
   * Sets the PIN; null removes it. Throws OutriderError "pin-wrong" unless `current` is the PIN
   * before.
   */
  async change(current: string | null, pin: string | null): Promise<void> {
    if (await this.#secrets.has("console-pin")) {
      const { unlocked, retryAfterMs } = await this.unlock(current ?? "");
      if (!unlocked)
        throw new OutriderError(
          "pin-wrong",
          retryAfterMs > 0
            ? { detail: fact("next-try", { seconds: Math.ceil(retryAfterMs / 1000) }) }
            : {},
        );
    }
    await this.#secrets.write("console-pin", pin === null ? null : await hashed(pin));
  }
}

async function hashed(pin: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(pin, salt, keyBytes, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64"), key.toString("base64")].join(
    "$",
  );
}

async function matches(pin: string, kept: string): Promise<boolean> {
  const [scheme, n, r, p, salt, key] = kept.split("$");
  const wanted = Buffer.from(key ?? "", "base64");
  // Of a key that was cut off, any PIN's would be the beginning.
  if (scheme !== "scrypt" || salt === undefined || wanted.length !== keyBytes)
    throw new OutriderError("pin-damaged");
  const found = await derive(pin, Buffer.from(salt, "base64"), wanted.length, {
    N: Number(n),
    r: Number(r),
    p: Number(p),
    maxmem: cost.maxmem,
  });
  return timingSafeEqual(found, wanted);
}
