import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { routes } from "../../src/configd/api/routes.ts";
import type { FakeConfigd } from "../testkit/configd/fake-configd.ts";

/** The fake configd on a unix socket, for an agent that runs as it is bundled. */
export async function listenAsConfigd(path: string, configd: FakeConfigd): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? "/", "http://configd");
    const found = Object.entries(routes).find(
      ([, route]) => route.path === url.pathname && route.method === request.method,
    );
    const call = configd.call.bind(configd) as (name: string, content: unknown) => Promise<unknown>;
    try {
      const reply = found
        ? await call(found[0], JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}"))
        : null;
      response
        .writeHead(found ? 200 : 404, { "content-type": "application/json" })
        .end(JSON.stringify(reply ?? {}));
    } catch (error) {
      response
        .writeHead(500, { "content-type": "application/json" })
        .end(JSON.stringify({ code: "internal-error", detail: String(error) }));
    }
  });
  server.listen(path);
  await once(server, "listening");
  return server;
}
