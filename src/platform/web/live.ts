import type { FastifyInstance } from "fastify";
import type { Changes } from "../services/changes.ts";

/** Changes that come so close together make one event. */
const coalesceMs = 700;
/** A comment line this often keeps proxies from ending an idle stream. */
const keepAliveEveryMs = 25_000;
const mostStreams = 200;

/**
 * Sends browsers an event when something changed (server-sent events). It says no more than that:
 * each browser fetches its own page again.
 */
export function addLive(scope: FastifyInstance, changes: Changes, ending: AbortSignal): void {
  let streams = 0;
  scope.get("/live", (_request, reply) => {
    if (streams >= mostStreams) return reply.code(503).header("retry-after", "30").send();
    reply.hijack();
    const stream = reply.raw;
    streams++;
    stream.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
    });
    stream.write("retry: 3000\n\n");
    let pending: NodeJS.Timeout | undefined;
    const sendSoon = () => {
      pending ??= setTimeout(() => {
        pending = undefined;
        stream.write("data: changed\n\n");
      }, coalesceMs);
    };
    const unsubscribe = changes.subscribe(sendSoon);
    const keepAlive = setInterval(() => stream.write(":\n\n"), keepAliveEveryMs);
    const end = () => stream.end();
    ending.addEventListener("abort", end, { once: true });
    stream.once("close", () => {
      streams--;
      clearTimeout(pending);
      clearInterval(keepAlive);
      unsubscribe();
      ending.removeEventListener("abort", end);
    });
    return reply;
  });
}
