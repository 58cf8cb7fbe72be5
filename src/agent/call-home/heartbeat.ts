import { fact, tellFacts } from "../../base/messages/facts.ts";
import type { AgentStatus } from "../../configd/api/status.ts";
import type { Heartbeat } from "../../protocol/schemas/health.ts";
import type { AgentConfiguration } from "../../settings/agent-configuration.ts";
import { proxyPlace } from "../../settings/values/proxy-address.ts";
import { HealthReader } from "../health/figures.ts";
import { readInterfaces } from "../health/interfaces.ts";
import type { Instance } from "../identity/instance.ts";
import type { Session } from "../session/session.ts";
import type { Spool } from "../spool/spool.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";

export interface HeartbeatParts {
  /** The folder on the data disk, whose space is reported. */
  dataFolder: string;
  settings: AgentConfiguration;
  softwareVersion: string;
  instance: Instance;
  session: Pick<Session, "configuration">;
  status: StatusStore;
  counters: AgentCounters;
  spool: Pick<Spool, "figures">;
  jobs(): AgentStatus["jobs"];
}

/** Most items of content that a heartbeat carries (protocol/schemas/health.ts). */
const mostItems = 50;
const longestProxy = 150;

/** Builds the heartbeats, numbered from 0. */
export class HeartbeatBuilder {
  readonly #parts: HeartbeatParts;
  readonly #health: HealthReader;
  #sequence = 0;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#health = new HealthReader(parts.dataFolder);
  }

  async next(): Promise<Heartbeat> {
    const { settings, softwareVersion, instance, session, status, counters, spool, jobs } =
      this.#parts;
    const { scanDevice, managementDevice } = settings;
    return {
      ...instance,
      sequence: this.#sequence++,
      softwareVersion,
      configurationVersion: session.configuration.version,
      health: await this.#health.read(),
      interfaces: await readInterfaces({ scanDevice, managementDevice }),
      jobs: jobs().map(({ name, ...progress }) => progress),
      counters: { ...counters, spooledParts: status.current.spooledParts },
      proxy: this.#proxy(),
      spool: spool.figures,
      ...this.#updates(),
    };
  }

  #proxy(): string | null {
    const place = proxyPlace(this.#parts.settings.proxy);
    if (place === null) return null;
    const proxy = place.slice(0, longestProxy);
    const fails = this.#parts.status.current.path?.fallback === true;
    return fails ? tellFacts([fact("proxy-fails", { proxy })]) : proxy;
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
