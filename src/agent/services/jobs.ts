import type { AcknowledgementReply, JobsReply } from "../../protocol/schemas/jobs.ts";
import { validators } from "../../protocol/validators.ts";
import type { SignedClient } from "../session/signed-client.ts";

/** Time for a reply that the platform held to arrive. */
const arrivalMs = 12_000;

export async function listJobs(
  client: SignedClient,
  jobsUrl: string,
  signal: AbortSignal,
): Promise<JobsReply> {
  return client.request({
    method: "GET",
    url: `${jobsUrl}/jobs`,
    reply: validators.JobsReply,
    signal,
  });
}

/** A long poll: the platform replies when the list has a version other than `after`, or in time. */
export async function awaitJobs(
  client: SignedClient,
  jobsUrl: string,
  after: number,
  holdSeconds: number,
  signal: AbortSignal,
): Promise<JobsReply> {
  const url = `${jobsUrl}/jobs?after=${after}&wait=${holdSeconds}`;
  return client.request({
    method: "GET",
    url,
    reply: validators.JobsReply,
    limitMs: holdSeconds * 1000 + arrivalMs,
    signal,
  });
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
