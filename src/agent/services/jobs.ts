import type { AcknowledgementReply, JobsReply } from "../../protocol/schemas/jobs.ts";
import { validators } from "../../protocol/validators.ts";
import type { SignedClient } from "../signed-client.ts";

/** What the platform may hold an answer for, and the time for it to arrive. */
const longPollSeconds = 50;
const longPollLimitMs = (longPollSeconds + 12) * 1000;

export async function listJobs(client: SignedClient, jobsUrl: string, signal: AbortSignal): Promise<JobsReply> {
  return client.request({ method: "GET", url: `${jobsUrl}/jobs`, reply: validators.JobsReply, signal });
}

/** Answers when the list is no longer of version `after`, or after 50 s. */
export async function awaitJobs(client: SignedClient, jobsUrl: string, after: number, signal: AbortSignal): Promise<JobsReply> {
  const url = `${jobsUrl}/jobs?after=${after}&wait=${longPollSeconds}`;
  return client.request({ method: "GET", url, reply: validators.JobsReply, limitMs: longPollLimitMs, signal });
}

export async function acknowledgeJob(
  client: SignedClient,
  jobsUrl: string,
  job: { id: string; attempt: number; receivedAt: number },
  signal: AbortSignal,
): Promise<AcknowledgementReply> {
  return client.request({
    method: "POST",
    url: `${jobsUrl}/jobs/${job.id}/attempts/${job.attempt}/acknowledgement`,
    body: { receivedAt: job.receivedAt },
    reply: validators.AcknowledgementReply,
    signal,
  });
}
