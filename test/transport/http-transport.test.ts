import { connect, createServer, type Socket } from "node:net";
import test from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { closeAll, listen, type Origin, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

const credentials = { user: "scanner", password: "p:ss wörd" };
const resolve = async () => ["127.0.0.1"];

async function start(listener: Parameters<typeof startOrigin>[1]) {
  const authority = await makeTestAuthority();
  const origin: Origin = await startOrigin(
    await authority.issue(["platform.example.org"]),
    listener,
  );
  const proxy = await startProxy({ kind: "tunnel", credentials }, () => ({
    host: "127.0.0.1",
    port: origin.port,
  }));
  const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
  const transport = new HttpTransport({
    proxy: {
      host: "127.0.0.1",
      port: proxy.port,
      authentication: basicAuthentication(credentials.user, credentials.password),
    },
    trust,
    resolve,
    limits: patientLimits,
  });
  const close = async () => {
    await transport.close();
    await proxy.close();
    await origin.close();
  };
  return { origin, proxy, transport, close };
}

const request = {
  method: "POST",
  url: new URL("https://platform.example.org/x"),
  headers: {},
  content: Buffer.from("{}"),
  limitMs: patientMs,
} as const;

test("many requests go through one tunnel", async (t) => {
  const { origin, proxy, transport, close } = await start((incoming, reply) =>
    incoming.resume().on("end", () => reply.end("{}")),
  );
  t.teardown(close);
  for (let count = 0; count < 20; count++) t.is((await transport.request(request)).status, 200);
  t.is(proxy.requests.length, 1);
  t.is(origin.connections(), 1);
});

test("a lost tunnel is replaced by a new one", async (t) => {
  const { proxy, transport, close } = await start((incoming, reply) =>
    incoming.resume().on("end", () => reply.end("{}")),
  );
  t.teardown(close);
  await transport.request(request);
  proxy.cut();
  // Either the loss was noticed already, or the request that meets it fails.
  const first = await transport.request(request).catch((error: unknown) => error);
  if (first instanceof Error)
    t.is(first instanceof OutriderError ? first.code : first.message, "connect-reset");
  t.is((await transport.request(request)).status, 200);
  t.is(proxy.requests.length, 2);
});

test("an answer that is cut is connect-reset, also when its head has a Content-Length", async (t) => {
  const { transport, close } = await start((incoming, reply) => {
    reply.writeHead(413, { "content-length": "1000", connection: "close" });
    // A proxy that refuses an upload replies and hangs up; a part of its reply may not arrive.
    reply.write("too large", () => incoming.socket.end());
  });
  t.teardown(close);
  t.is(
    (await t.throwsAsync(transport.request(request), { instanceOf: OutriderError }))?.code,
    "connect-reset",
  );
});

test("a silent service is service-silent, and others on its host are not held up", async (t) => {
  const { transport, close } = await start((incoming, reply) => {
    if (incoming.url === "/x") incoming.resume().on("end", () => reply.end("{}"));
  });
  t.teardown(close);
  const slow = transport.request({
    ...request,
    url: new URL("https://platform.example.org/silent"),
    limitMs: 900,
  });
  slow.catch(() => undefined);
  t.is((await transport.request(request)).status, 200);
  const error = await t.throwsAsync(slow, { instanceOf: OutriderError });
  t.is(error?.code, "service-silent");
});

test("a request is abandoned at once, also while it connects", async (t) => {
  const { proxy, transport, close } = await start((_, reply) => void reply.end("{}"));
  t.teardown(close);
  proxy.mode = { kind: "silent" };
  const stop = new AbortController();
  const asked = transport.request({ ...request, signal: stop.signal });
  const reason = new Error("changed my mind");
  stop.abort(reason);
  t.is(await t.throwsAsync(asked), reason);
});

test("an error of the way comes through as it is, without the password", async (t) => {
  const { proxy, transport, close } = await start((_, reply) => void reply.end("{}"));
  t.teardown(close);
  proxy.mode = { kind: "offer", challenges: ["Basic"] };
  const error = await t.throwsAsync(transport.request(request), { instanceOf: OutriderError });
  t.is(error?.code, "proxy-authentication-failed");
  t.false(`${error?.message}${error?.stack}${JSON.stringify(error)}`.includes("wörd"));
});

test("closing ends what is under way", async (t) => {
  const { transport, close } = await start(() => undefined);
  t.teardown(close);
  const asked = transport.request(request);
  asked.catch(() => undefined);
  await transport.close();
  t.is((await t.throwsAsync(asked, { instanceOf: OutriderError }))?.code, "connect-reset");
});

/** A path that can forget its connections: they stay open, and nothing passes them any more. */
async function forgetfulPath(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined).on("close", () => to.destroy());
      from.on("data", (bytes: Buffer) => to.write(bytes));
    }
  });
  await listen(server);
  const forget = () => {
    for (const socket of sockets) socket.removeAllListeners("data").on("data", () => undefined);
  };
  return { port: portOf(server.address()), forget, close: () => closeAll(server, sockets) };
}

test("when the path has silently dropped all connections, one try finds out and the next goes over a new one", async (t) => {
  const authority = await makeTestAuthority();
  const waiting: (() => void)[] = [];
  const origin = await startOrigin(
    await authority.issue(["platform.example.org"]),
    (incoming, reply) => {
      incoming.resume();
      if (incoming.url !== "/together") return void reply.end("{}");
      waiting.push(() => reply.end("{}"));
      if (waiting.length === 3) for (const answer of waiting) answer();
    },
  );
  const path = await forgetfulPath(origin.port);
  let aheadMs = 0;
  const transport = new HttpTransport({
    proxy: null,
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve,
    limits: patientLimits,
    clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs },
  });
  t.teardown(async () => {
    await transport.close();
    await path.close();
    await origin.close();
  });
  const to = (name: string, limitMs: number) =>
    transport.request({
      ...request,
      url: new URL(`https://platform.example.org:${path.port}/${name}`),
      limitMs,
    });
  await Promise.all(["together", "together", "together"].map((name) => to(name, patientMs)));
  t.is(origin.connections(), 3);
  path.forget();
  aheadMs = 6000;
  const first = await t.throwsAsync(to("x", 600), { instanceOf: OutriderError });
  t.is(first?.code, "connect-forgotten");
  t.is((await to("x", patientMs)).status, 200);
  t.is(origin.connections(), 4);
});

test("the trusted authorities can be changed: the next connection uses them and refuses all others", async (t) => {
  const [before, after] = [await makeTestAuthority("Before"), await makeTestAuthority("After")];
  const answer: Parameters<typeof startOrigin>[1] = (incoming, reply) =>
    void incoming.resume().on("end", () => reply.end("{}"));
  const old = await startOrigin(await before.issue(["platform.example.org"]), answer);
  const renewed = await startOrigin(await after.issue(["platform.example.org"]), answer);
  const trustIn = ({ certificate }: { certificate: string }) => ({
    certificateAuthorities: [],
    platformAuthorities: [certificate],
    allowUnknownIssuer: false,
  });
  const transport = new HttpTransport({
    proxy: null,
    trust: trustIn(before),
    resolve,
    limits: patientLimits,
  });
  t.teardown(async () => {
    await transport.close();
    await old.close();
    await renewed.close();
  });
  const to = ({ port }: Origin) =>
    transport.request({ ...request, url: new URL(`https://platform.example.org:${port}/x`) });
  t.is((await to(old)).status, 200);
  t.is((await t.throwsAsync(to(renewed), { instanceOf: OutriderError }))?.code, "tls-intercepted");
  transport.useTrust(trustIn(after));
  t.is((await to(renewed)).status, 200);
  t.is(
    (await t.throwsAsync(to(old), { instanceOf: OutriderError }))?.code,
    "tls-intercepted",
    "also where a connection was kept",
  );
});
