import type { AnnouncementsReply } from "../../protocol/schemas/updates.ts";
import { validators } from "../../protocol/validators.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { SignedClient } from "../session/signed-client.ts";

/** A piece of 4 MB over a slow uplink. */
const pieceLimitMs = 60_000;

export async function readAnnouncements(
  client: SignedClient,
  updatesUrl: string,
  signal: AbortSignal,
): Promise<AnnouncementsReply> {
  return client.request({
    method: "GET",
    url: `${updatesUrl}/announcements`,
    reply: validators.AnnouncementsReply,
    signal,
  });
}

/** A file of the signed metadata, unchanged; null when the platform has none of that name. */
export async function fetchMetadata(
  client: SignedClient,
  updatesUrl: string,
  name: string,
  longestBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  try {
    return await client.download({ url: `${updatesUrl}/metadata/${name}`, longestBytes, signal });
  } catch (error) {
    if (answeredWith(error, "not-found")) return null;
    throw error;
  }
}

/** @param from offset in the target, in bytes */
export async function fetchPiece(
  client: SignedClient,
  updatesUrl: string,
  sha256: string,
  from: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return client.download({
    url: `${updatesUrl}/targets/${sha256}?from=${from}&length=${length}`,
    longestBytes: length,
    limitMs: pieceLimitMs,
    signal,
  });
}
