import type { Clock } from "../base/clock.ts";
import { UnixConfigdClient } from "../configd/api/client.ts";
import type { AgentStatus } from "../configd/api/status.ts";
import { type DescribedMachine, describedAgent } from "./described-machine.ts";

const stepMs = 1000;

/**
 * Stands in for the agent where the machine's description has an agent's status: pushes the status
 * to configd, and advances it with time.
 */
export async function followDescribedAgent(
  machine: DescribedMachine,
  agentSocket: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const client = new UnixConfigdClient(agentSocket);
  let status = describedAgent(machine, clock.nowMs());
  let pushed = "";
  while (status !== null && !signal.aborted) {
    const text = JSON.stringify(status);
    if (text !== pushed) {
      await client.call("agentStatus", status, signal).then(
        () => {
          pushed = text;
        },
        () => undefined,
      );
    }
    await clock.sleep(stepMs, signal).catch(() => undefined);
    status = later(status, clock.nowMs());
  }
}

/** The described agent's status at `nowMs`: due calls were made, running scans went on. */
export function later(status: AgentStatus, nowMs: number): AgentStatus {
  const jobs = status.jobs.map((job) =>
    job.state === "running"
      ? { ...job, percent: job.percent >= 99 ? job.percent : Math.min(99, job.percent + 0.5) }
      : job,
  );
  if (status.nextCallAt === null || status.nextCallAt > nowMs) return { ...status, jobs };
  const called =
    status.state === "connected"
      ? { ...status.services, health: { ...status.services.health, lastSuccessAt: nowMs } }
      : status.services;
  return { ...status, jobs, services: called, nextCallAt: nowMs + status.intervalSeconds * 1000 };
}
