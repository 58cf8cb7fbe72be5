import type { AgentStatus } from "../api/status.ts";

/**
 * When each service was reached last. The agent counts from its own start, and is started again by
 * every change of the settings: without this, a service that was reached a minute ago would count as
 * never reached.
 */
export class ContactMemory {
  #applianceId: string | null = null;
  readonly #last = new Map<string, number>();

  /** The agent's status with what an earlier agent of the same appliance reached. */
  remember(agent: AgentStatus): AgentStatus {
    // An agent that starts does not know yet whose appliance it is.
    if (agent.applianceId === null) {
      if (agent.state === "not-enrolled") this.#forget(null);
      return agent;
    }
    if (agent.applianceId !== this.#applianceId) this.#forget(agent.applianceId);
    const services = { ...agent.services };
    for (const name of serviceNames) {
      const service = services[name];
      // Another address is another service.
      const key = `${name} ${service.url ?? ""}`;
      const last = service.lastSuccessAt ?? this.#last.get(key) ?? null;
      if (last !== null) this.#last.set(key, last);
      services[name] = { ...service, lastSuccessAt: last };
    }
    return { ...agent, services };
  }

  #forget(applianceId: string | null): void {
    this.#applianceId = applianceId;
    this.#last.clear();
  }
}

const serviceNames = ["enrolment", "health", "updates", "jobs", "results"] as const;
