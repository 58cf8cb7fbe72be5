import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";

/** A month: an operator who moves the name to plain HTTP does not wait for a year. */
const strictSeconds = 30 * 24 * 3600;

/**
 * Strict-Transport-Security (RFC 6797): browsers that were here once never ask this name by plain
 * HTTP again, where anybody on the way could show a log-in page and take the operator's token. It is
 * for a name's every port, so it is sent only where the platform has the name's usual port and can be
 * taken for its owner; browsers ignore it for addresses (section 8.1.1).
 */
export function strictTransport(url: URL): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return url.port === "" && isIP(host) === 0 ? `max-age=${strictSeconds}` : null;
}

/** What every reply says to a browser, whichever address somebody opened. */
export function addBrowserHeaders(app: FastifyInstance, strict: string | null): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    if (strict !== null) reply.header("strict-transport-security", strict);
  });
}
