import type { FastifyInstance } from "fastify";
import type { Changes } from "../services/changes.ts";

/** Changes that come close together are told as one. */
const coalesceMs = 700;
/** A comment line now and then keeps proxies from ending an idle stream. */
const keepAliveEveryMs = 25_000;
const mostStreams = 200;

/**
 * Tells browsers that something changed (server-sent events); they fetch what they show by
 * themselves.
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
      "x-content-type-options": "nosniff",
    });
    stream.write("retry: 3000\n\n");
    let pending: NodeJS.Timeout | undefined;
    const tell = () => {
      pending ??= setTimeout(() => {
        pending = undefined;
        stream.write("data: changed\n\n");
      }, coalesceMs);
    };
    const unsubscribe = changes.subscribe(tell);
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
