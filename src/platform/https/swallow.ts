import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";

/** Above the largest upload of an appliance's checks, and most parts of results. */
const mostBytes = 4 * 2 ** 20;

/**
 * Reads the rest of a refused request's content and drops it, so that the refusal comes after it.
 * A server may answer before (RFC 9110 section 7.5), but a proxy then ends its own client's
 * connection in the middle of the upload (measured with squid that inspects TLS), and the appliance
 * sees a cut where there was a refusal. Content that is long or of unknown length is not waited
 * for. It costs no memory, and has to keep pace like any other.
 */
export async function swallowContent(request: IncomingMessage): Promise<void> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (!(announced > 0 && announced <= mostBytes) || request.complete) return;
  request.resume();
  // A caller who is gone gets no reply.
  await finished(request, { writable: false }).catch(() => undefined);
}
