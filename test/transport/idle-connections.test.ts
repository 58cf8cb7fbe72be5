import { connect, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { IdleConnections, type IdleLife } from "../../src/transport/idle-connections.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { FixedRoutes, RouteMemory } from "../../src/transport/routes/routes.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { closeAll, listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

/** A proxy whose tunnels can be dropped, with or without a word. */
async function startIdlingProxy(t: ExecutionContext, originPort: number) {
  const clients = new Set<Socket>();
  const tunnels = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => undefined).on("close", () => clients.delete(client));
    client.once("data", () => {
      const upstream = connect(originPort, "127.0.0.1");
      tunnels.add(upstream);
      upstream.on("error", () => undefined).on("close", () => client.destroy());
      client.on("close", () => upstream.destroy());
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.on("data", (bytes: Buffer) => upstream.write(bytes));
      upstream.on("data", (bytes: Buffer) => client.write(bytes));
    });
  });
  await listen(server);
  t.teardown(() => closeAll(server, new Set([...clients, ...tunnels])));
  return {
    port: portOf(server.address()),
    /** The proxy ends its idle tunnels, and the client has seen it. */
    close: async (seen: () => boolean) => {
      for (const client of clients) client.end();
      while (!seen()) await new Promise((resolve) => setImmediate(resolve));
    },
    forget: () => {
      for (const socket of [...clients, ...tunnels])
        socket.removeAllListeners("data").on("data", () => undefined);
    },
  };
}

/** The agent's transport through such a proxy, on a clock that is put forward by hand. */
async function start(t: ExecutionContext) {
  const authority = await makeTestAuthority();
  const held: (() => void)[] = [];
  const origin = await startOrigin(
    await authority.issue(["platform.example.org"]),
    (incoming, reply) => {
      incoming.resume();
      if (incoming.url === "/held") held.push(() => reply.end("{}"));
      else reply.end("{}");
    },
  );
  t.teardown(() => origin.close());
  const proxy = await startIdlingProxy(t, origin.port);
  let aheadMs = 0;
  // Without the time that the test itself takes.
  const monotonicMs = () => aheadMs;
  let lives: readonly IdleLife[] = [];
  const idle = new IdleConnections(monotonicMs, (changed) => {
    lives = changed;
  });
  const transport = new HttpTransport({
    proxy: null,
    routes: new FixedRoutes(
      {
        proxy: {
          kind: "http",
          host: "127.0.0.1",
          port: proxy.port,
          authentication: noAuthentication,
        },
        bypass: [],
        fallbackToDirect: false,
      },
      new RouteMemory(monotonicMs),
    ),
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
    clock: { ...systemClock, monotonicMs },
    idle,
  });
  t.teardown(() => transport.close());
  const ask = (path: string, limitMs = patientMs) =>
    transport.request({
      method: "POST",
      url: new URL(`https://platform.example.org${path}`),
      headers: {},
      content: Buffer.from("{}"),
      limitMs,
    });
  return {
    proxy,
    origin,
    ask,
    pass: (seconds: number) => {
      aheadMs += seconds * 1000;
    },
    untilHeld: async () => {
      while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    answer: () => held.pop()?.(),
    life: () => lives.map(({ route, ...times }) => times)[0],
    route: () => lives[0]?.route.replace(/:\d+$/, ""),
    ended: () => lives[0]?.endedMs !== null && lives[0]?.endedMs !== undefined,
  };
}

test("a tunnel that still works after a pause has lived for so long, and so has one with a held request", async (t) => {
  const { ask, pass, life, route, untilHeld, answer, origin } = await start(t);
  await ask("/");
  pass(3);
  await ask("/");
  t.is(life(), undefined, "a short pause tells nothing");
  pass(170);
  await ask("/");
  t.deepEqual(life(), { livedMs: 170_000, endedMs: null, forgottenMs: null });
  t.is(route(), "127.0.0.1");
  pass(60);
  await ask("/");
  t.is(life()?.livedMs, 170_000, "the longest counts");
  const waiting = ask("/held");
  await untilHeld();
  pass(240);
  answer();
  await waiting;
  t.is(life()?.livedMs, 240_000);
  t.is(origin.connections(), 1);
});

test("a tunnel that the proxy closes after a pause ended then, until another one lives longer", async (t) => {
  const { proxy, ask, pass, life, ended, origin } = await start(t);
  await ask("/");
  pass(60);
  await ask("/");
  pass(90);
  await proxy.close(ended);
  t.deepEqual(life(), { livedMs: 60_000, endedMs: 90_000, forgottenMs: null });
  await ask("/");
  t.is(origin.connections(), 2);
  pass(100);
  await ask("/");
  t.deepEqual(
    life(),
    { livedMs: 100_000, endedMs: null, forgottenMs: null },
    "it was no idle limit",
  );
});

test("a tunnel that is forgotten without a word is found out by what is not answered", async (t) => {
  const { proxy, ask, pass, life } = await start(t);
  await ask("/");
  pass(30);
  await ask("/");
  proxy.forget();
  pass(300);
  const lost = await t.throwsAsync(ask("/", 600), { instanceOf: OutriderError });
  t.is(lost?.code, "connect-forgotten");
  t.deepEqual(life(), { livedMs: 30_000, endedMs: null, forgottenMs: 300_000 });
  t.is((await ask("/")).status, 200);
});
