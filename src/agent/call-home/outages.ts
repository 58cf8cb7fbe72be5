import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import { mostOutageChecks, type Outage } from "../../protocol/schemas/health.ts";
import type { SpooledOutage } from "../spool/outage-schema.ts";
import type { StatusStore } from "../status/status-store.ts";

export interface OutageParts {
  configd: ConfigdClient;
  spool: {
    lastOutage(): Promise<SpooledOutage | null>;
    writeOutage(outage: SpooledOutage): Promise<void>;
  };
  status: StatusStore;
  clock: Clock;
  /** The platform's time as far as it is known. */
  nowMs(): number;
  log: Log;
}

/** One call may be lost by chance. */
const missedCalls = 2;
/** While an outage lasts, its cause may change. */
const checkAgainMs = 3_600_000;

/**
 * Has the doctor look for the cause after two missed calls, keeps what it found on the disk, and
 * gives it to the heartbeats until one of them is answered.
 */
export class Outages {
  readonly #parts: OutageParts;
  #last: SpooledOutage | null = null;
  #failingSince: number | null = null;
  #checkedAtMonotonicMs: number | null = null;
  #running: Promise<void> | null = null;

  constructor(parts: OutageParts) {
    this.#parts = parts;
  }

  /** Reads what is known from before the agent's start. */
  async open(): Promise<void> {
    this.#use(await this.#parts.spool.lastOutage());
  }

  /** For the next heartbeat; undefined when the platform knows the last one. */
  get unreported(): Outage | undefined {
    return this.#last?.reported === false ? this.#last.outage : undefined;
  }

  /** A heartbeat failed; `failures` of them in a row by now. */
  missed(failures: number, error: unknown, signal: AbortSignal): void {
    const { clock } = this.#parts;
    this.#failingSince ??= this.#parts.nowMs();
    const isDue =
      this.#checkedAtMonotonicMs === null ||
      clock.monotonicMs() - this.#checkedAtMonotonicMs >= checkAgainMs;
    if (failures < missedCalls || !isDue || this.#running) return;
    this.#checkedAtMonotonicMs = clock.monotonicMs();
    const since = this.#failingSince;
    this.#running = this.#findCause(since, asOutriderError(error), signal)
      .catch((fault: unknown) => {
        if (signal.aborted) return;
        const { code, message } = asOutriderError(fault);
        this.#parts.log.warning("cause of the outage not found out", { code, message });
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** A heartbeat that carried `sent` was answered. */
  async reached(sent: Outage | undefined): Promise<void> {
    this.#failingSince = null;
    this.#checkedAtMonotonicMs = null;
    if (sent === undefined || this.#last?.outage !== sent) return;
    await this.#keep({ outage: sent, reported: true });
  }

  async #findCause(since: number, error: OutriderError, signal: AbortSignal): Promise<void> {
    const { configd, nowMs, log } = this.#parts;
    const { results } = await configd.call("doctor", {}, signal);
    const failed = results.find(({ outcome }) => outcome === "failed");
    const code = failed?.code ?? error.code;
    log.warning("outage", { code, check: failed?.id ?? "none", since });
    await this.#keep({
      outage: {
        // An outage that the platform does not know yet goes on after a restart of the agent.
        since: Math.min(since, this.unreported?.since ?? since),
        checkedAt: nowMs(),
        code,
        checks: telling(results),
      },
      reported: false,
    });
  }

  async #keep(outage: SpooledOutage): Promise<void> {
    // In memory first: a full disk must not keep the platform from hearing of it.
    this.#use(outage);
    await this.#parts.spool.writeOutage(outage).catch((error: unknown) => {
      const { code, message } = asOutriderError(error);
      this.#parts.log.warning("outage not kept on the disk", { code, message });
    });
  }

  #use(outage: SpooledOutage | null): void {
    this.#last = outage;
    this.#parts.status.update({ outage: outage?.outage ?? null });
  }
}

/** What failed, then warnings; the English detail says what the facts say. */
function telling(results: readonly CheckResult[]): CheckResult[] {
  return (["failed", "warning"] as const)
    .flatMap((wanted) => results.filter(({ outcome }) => outcome === wanted))
    .slice(0, mostOutageChecks)
    .map(({ facts: _, ...result }) => result);
}
