import type { JobsReply } from "../../protocol/schemas/jobs.ts";
import type { CommandRunner } from "../command-jobs/command-runner.ts";
import type { JobQueue } from "../scan-jobs/job-queue.ts";

export interface JobReceivers {
  commands: Pick<CommandRunner, "take">;
  jobs: Pick<JobQueue, "take">;
}

/**
 * Hands each desk its share of what the platform lists. Rejects when one of them failed, but not
 * before both have had theirs.
 */
export async function takeReply(
  reply: JobsReply,
  { commands, jobs }: JobReceivers,
  signal: AbortSignal,
): Promise<void> {
  const [taken] = await Promise.allSettled([commands.take(reply.commands)]);
  // To stop a scan needs no room: a command that finds none on the disk must not stand in its way.
  await jobs.take(reply, signal);
  if (taken.status === "rejected") throw taken.reason;
}
