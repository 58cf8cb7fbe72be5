import { asOutriderError } from "../../base/messages/error.ts";
import type { AgentStatus, Failure } from "../../configd/api/status.ts";
import type { Directory, ServiceName } from "../../protocol/schemas/common.ts";

const blankStatus: AgentStatus = {
  state: "starting",
  applianceId: null,
  applianceName: null,
  platformName: null,
  nextCallAt: null,
  intervalSeconds: 0,
  clockOffsetMs: null,
  services: {
    enrolment: { url: null, lastSuccessAt: null, failure: null },
    health: { url: null, lastSuccessAt: null, failure: null },
    updates: { url: null, lastSuccessAt: null, failure: null },
    jobs: { url: null, lastSuccessAt: null, failure: null },
    results: { url: null, lastSuccessAt: null, failure: null },
  },
  failure: null,
  jobs: [],
  lastScan: null,
  spooledParts: 0,
  ipRanges: [],
};

/** The agent's part of the status, and the listeners to its changes. */
export class StatusStore {
  #status: AgentStatus = blankStatus;
  readonly #listeners = new Set<() => void>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get current(): AgentStatus {
    return this.#status;
  }

  update(change: Partial<AgentStatus>): void {
    this.#status = { ...this.#status, ...change };
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  useDirectory({ platformName, services, ipRanges }: Directory): void {
    const withUrl = (name: ServiceName) => ({
      ...this.#status.services[name],
      url: services[name],
    });
    this.update({
      platformName,
      ipRanges,
      services: {
        enrolment: withUrl("enrolment"),
        health: withUrl("health"),
        updates: withUrl("updates"),
        jobs: withUrl("jobs"),
        results: withUrl("results"),
      },
    });
  }

  /** Runs a call to a service and records its outcome. */
  async recordCall<T>(
    service: ServiceName,
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T> {
    try {
      const value = await call();
      this.#updateService(service, { lastSuccessAt: this.#nowMs(), failure: null });
      return value;
    } catch (error) {
      if (!signal.aborted) this.#updateService(service, { failure: this.failureOf(error) });
      throw error;
    }
  }

  failureOf(error: unknown): Failure {
    const { code, told } = asOutriderError(error);
    return { code, ...told, detail: told.detail.slice(0, 2000), at: this.#nowMs() };
  }

  #updateService(
    service: ServiceName,
    change: { lastSuccessAt?: number; failure: Failure | null },
  ): void {
    const { services } = this.#status;
    this.update({ services: { ...services, [service]: { ...services[service], ...change } } });
  }
}
