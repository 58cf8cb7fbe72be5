import test from "ava";
import { OutriderError } from "../../src/protocol/error.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { startProxy } from "../testkit/proxy.ts";
import { makeTestAuthority } from "../testkit/proxy-certificates.ts";
import { type Origin, startOrigin } from "../testkit/proxy-origin.ts";

const credentials = { user: "scanner", password: "p:ss wörd" };
const resolve = async () => ["127.0.0.1"];

async function start(listener: Parameters<typeof startOrigin>[1]) {
  const authority = await makeTestAuthority();
  const origin: Origin = await startOrigin(await authority.issue(["platform.example.org"]), listener);
  const proxy = await startProxy({ kind: "tunnel", credentials }, () => ({ host: "127.0.0.1", port: origin.port }));
  const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
  const transport = new HttpTransport({
    proxy: { host: "127.0.0.1", port: proxy.port, authentication: basicAuthentication(credentials.user, credentials.password) },
    trust,
    resolve,
  });
  const close = async () => {
    await transport.close();
    await proxy.close();
    await origin.close();
  };
  return { origin, proxy, transport, close };
}

const request = { method: "POST", url: new URL("https://platform.example.org/x"), headers: {}, content: Buffer.from("{}"), limitMs: 5000 } as const;

test("many requests go through one tunnel", async (t) => {
  const { origin, proxy, transport, close } = await start((incoming, reply) => incoming.resume().on("end", () => reply.end("{}")));
  t.teardown(close);
  for (let count = 0; count < 20; count++) t.is((await transport.request(request)).status, 200);
  t.is(proxy.requests.length, 1);
  t.is(origin.connections(), 1);
});

test("a lost tunnel is made anew", async (t) => {
  const { proxy, transport, close } = await start((incoming, reply) => incoming.resume().on("end", () => reply.end("{}")));
  t.teardown(close);
  await transport.request(request);
  proxy.cut();
  // Either the loss was noticed already, or the request that runs into it says so.
  const first = await transport.request(request).catch((error: unknown) => error);
  if (first instanceof Error) t.is(first instanceof OutriderError ? first.code : first.message, "connect-reset");
  t.is((await transport.request(request)).status, 200);
  t.is(proxy.requests.length, 2);
});

test("a silent service is service-silent, and others on its host are not held up", async (t) => {
  const { transport, close } = await start((incoming, reply) => {
    if (incoming.url === "/x") incoming.resume().on("end", () => reply.end("{}"));
  });
  t.teardown(close);
  const slow = transport.request({ ...request, url: new URL("https://platform.example.org/silent"), limitMs: 900 });
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
