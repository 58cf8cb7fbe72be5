import type { Clock } from "../../base/clock.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { longestPieceBytes } from "../../protocol/schemas/updates.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { ContentFolder, Digest } from "./content-folder.ts";

export interface TargetFetching {
  folder: ContentFolder;
  clock: Clock;
  random: Random;
  fetchPiece(
    sha256: string,
    from: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
  /** Bytes that are here now. */
  progress(received: number): void;
}

const firstPieceBytes = 256 * 1024;
const shortestPieceBytes = 64 * 1024;
/** A piece that took less time was too small to use the path well. */
const quickMs = 4000;
const mostFailures = 5;
/** A retry does not change it: the platform's answer, or no room here. */
function isFinal(error: unknown): boolean {
  if (answeredWith(error, "not-found", "not-allowed", "request-invalid")) return true;
  return asOutriderError(error).code === "storage-full";
}

/** The size of the next piece, in bytes, after one that arrived in `tookMs`. */
export function grownPieceBytes(pieceBytes: number, tookMs: number): number {
  return tookMs < quickMs ? Math.min(longestPieceBytes, pieceBytes * 2) : pieceBytes;
}

/**
 * The size of the next piece, in bytes, after one that failed: a path that cuts long replies lets
 * short ones through.
 */
export function shrunkPieceBytes(pieceBytes: number): number {
  return Math.max(shortestPieceBytes, Math.floor(pieceBytes / 2));
}

/**
 * Fetches a file in pieces from where an earlier try ended, and verifies it. Throws the failure of
 * the last piece after five failures without progress, OutriderError "update-altered" when the file
 * is not the signed one, "storage-full" when there is no room.
 */
export async function fetchTarget(
  digest: Digest,
  parts: TargetFetching,
  signal: AbortSignal,
): Promise<void> {
  const { folder } = parts;
  const resumed = (await folder.received(digest)) > 0;
  await fetchPieces(digest, parts, signal);
  try {
    await folder.complete(digest);
  } catch (error) {
    // A power cut may have damaged the bytes of an earlier try: fetch it once more from the start
    // before the platform is blamed.
    if (!resumed || asOutriderError(error).code !== "update-altered") throw error;
    await fetchPieces(digest, parts, signal);
    await folder.complete(digest);
  }
}

async function fetchPieces(
  digest: Digest,
  { folder, clock, random, fetchPiece, progress }: TargetFetching,
  signal: AbortSignal,
): Promise<void> {
  let pieceBytes = firstPieceBytes;
  let failures = 0;
  for (let from = await folder.received(digest); from < digest.length; ) {
    signal.throwIfAborted();
    progress(from);
    const wanted = Math.min(pieceBytes, digest.length - from);
    const startedMs = clock.monotonicMs();
    try {
      const bytes = await fetchPiece(digest.sha256, from, wanted, signal);
      if (bytes.length !== wanted)
        throw new OutriderError("service-unexpected", {
          detail: fact("answered-other-length", { bytes: bytes.length, wanted }),
        });
      await folder.append(digest, bytes);
      from += bytes.length;
      failures = 0;
      pieceBytes = grownPieceBytes(pieceBytes, clock.monotonicMs() - startedMs);
    } catch (error) {
      signal.throwIfAborted();
      const failure = asOutriderError(error);
      failures++;
      if (isFinal(error) || failures >= mostFailures) throw failure;
      pieceBytes = shrunkPieceBytes(pieceBytes);
      await clock.sleep(
        waitAfterFailureMs(
          { failures, retryAfterMs: failure.retryAfterMs, refusals: 0 },
          random.fraction(),
        ),
        signal,
      );
    }
  }
  progress(digest.length);
}
