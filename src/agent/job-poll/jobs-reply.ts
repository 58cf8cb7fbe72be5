import type { JobsReply } from "../../protocol/schemas/jobs.ts";
import type { CommandRunner } from "../command-jobs/command-runner.ts";
import type { JobQueue } from "../scan-jobs/job-queue.ts";

export interface JobReceivers {
  commands: Pick<CommandRunner, "take">;
  jobs: Pick<JobQueue, "take">;
}

/**
 * Hands commands and jobs to their receivers. Rejects when one of them failed, but only after both
 * have got their part of the reply.
 */
export async function takeReply(
  reply: JobsReply,
  { commands, jobs }: JobReceivers,
  signal: AbortSignal,
): Promise<void> {
  const [taken] = await Promise.allSettled([commands.take(reply.commands)]);
  // Stopping a scan needs no disk space: a command that found none must not prevent it.
  await jobs.take(reply, signal);
  if (taken.status === "rejected") throw taken.reason;
}
