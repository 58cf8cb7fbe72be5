import type {
  Completion,
  CompletionReceipt,
  PartReceipt,
  PartsReply,
} from "../../protocol/schemas/results.ts";
import { validators } from "../../protocol/validators.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { SignedClient } from "../session/signed-client.ts";

export interface Attempt {
  id: string;
  attempt: number;
}

/** A part's content with its digest, which is needed several times. */
export interface HashedContent {
  content: Uint8Array;
  /** In hexadecimal. */
  sha256: string;
}

/** Large parts over slow uplinks: 2 MB at 256 kbit/s are a minute. */
const uploadLimitMs = 120_000;
const noJob = "00000000-0000-4000-8000-000000000000";

const attemptUrl = (resultsUrl: string, { id, attempt }: Attempt) =>
  `${resultsUrl}/jobs/${id}/attempts/${attempt}`;

export async function sendPart(
  client: SignedClient,
  resultsUrl: string,
  attempt: Attempt,
  number: number,
  { content, sha256 }: HashedContent,
  signal: AbortSignal,
): Promise<PartReceipt> {
  const url = `${attemptUrl(resultsUrl, attempt)}/parts/${number}`;
  return client.request({
    method: "PUT",
    url,
    body: content,
    sha256,
    reply: validators.PartReceipt,
    limitMs: uploadLimitMs,
    signal,
  });
}

/** Lists the receipts from a part number on. */
export async function listParts(
  client: SignedClient,
  resultsUrl: string,
  attempt: Attempt,
  from: number,
  signal: AbortSignal,
): Promise<PartsReply> {
  return client.request({
    method: "GET",
    url: `${attemptUrl(resultsUrl, attempt)}/parts?from=${from}`,
    reply: validators.PartsReply,
    signal,
  });
}

export async function sendCompletion(
  client: SignedClient,
  resultsUrl: string,
  attempt: Attempt,
  completion: Completion,
  signal: AbortSignal,
): Promise<CompletionReceipt> {
  const url = `${attemptUrl(resultsUrl, attempt)}/completion`;
  return client.request({
    method: "POST",
    url,
    body: completion,
    reply: validators.CompletionReceipt,
    limitMs: 60_000,
    signal,
  });
}

/**
 * Checks that the service replies. It has no request for that, so a signed "not-found" for a job
 * that does not exist is the expected reply.
 */
export async function reachResults(
  client: SignedClient,
  resultsUrl: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await listParts(client, resultsUrl, { id: noJob, attempt: 1 }, 0, signal);
  } catch (error) {
    if (!answeredWith(error, "not-found")) throw error;
  }
}
