import { describeFacts, fact } from "../../base/messages/facts.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { AgentStatus } from "../../configd/api/status.ts";
import {
  type HealthFigures,
  type Heartbeat,
  mostNetworkReports,
  type NetworkInterface,
  type Outage,
} from "../../protocol/schemas/health.ts";
import type { Instance } from "../identity/instance.ts";
import type { Session } from "../session/session.ts";
import type { Spool } from "../spool/spool.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";

export interface HeartbeatParts {
  health(): Promise<HealthFigures>;
  interfaces(): Promise<NetworkInterface[]>;
  configd: ConfigdClient;
  /** The proxy as host:port; null when there is none. */
  proxy: string | null;
  softwareVersion: string;
  instance: Instance;
  session: Pick<Session, "configuration" | "trusts">;
  status: StatusStore;
  counters: AgentCounters;
  spool: Pick<Spool, "figures">;
  jobs(): AgentStatus["jobs"];
  outages: { readonly unreported: Outage | undefined };
}

/** Most items of content that a heartbeat carries (protocol/schemas/health.ts). */
const mostItems = 50;
const longestProxy = 150;

/** Builds the heartbeats, numbered from 0. */
export class HeartbeatBuilder {
  readonly #parts: HeartbeatParts;
  #sequence = 0;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  async next(): Promise<Heartbeat> {
    const { softwareVersion, instance, session, status, counters, spool, jobs } = this.#parts;
    return {
      ...instance,
      sequence: this.#sequence++,
      softwareVersion,
      configurationVersion: session.configuration.version,
      trusts: session.trusts,
      health: await this.#parts.health(),
      interfaces: await this.#parts.interfaces(),
      ...(await this.#networkReports()),
      jobs: jobs().map(({ name, waitsFor, ...progress }) => progress),
      counters: { ...counters, spooledParts: status.current.spooledParts },
      proxy: this.#proxy(),
      spool: spool.figures,
      ...this.#outage(),
      ...this.#updates(),
    };
  }

  async #networkReports(): Promise<Pick<Heartbeat, "networkReports">> {
    const found = await this.#parts.configd.call("networkReports", {}).then(
      ({ reports }) => reports.slice(0, mostNetworkReports),
      // A heartbeat without them is better than none.
      () => [],
    );
    return found.length === 0 ? {} : { networkReports: found };
  }

  #outage(): Pick<Heartbeat, "outage"> {
    const { unreported } = this.#parts.outages;
    return unreported === undefined ? {} : { outage: unreported };
  }

  #proxy(): string | null {
    if (this.#parts.proxy === null) return null;
    const proxy = this.#parts.proxy.slice(0, longestProxy);
    const fails = this.#parts.status.current.path?.fallback === true;
    return fails ? describeFacts([fact("proxy-fails", { proxy })]) : proxy;
  }

  /** Absent before the first check: an empty list would tell the platform that there is nothing. */
  #updates(): Pick<Heartbeat, "updates"> {
    const { content, contentCheck } = this.#parts.status.current;
    if (!content || !contentCheck) return {};
    return {
      updates: {
        items: content.slice(0, mostItems),
        checkedAt: contentCheck.at,
        code: contentCheck.failure?.code ?? null,
      },
    };
  }
}
