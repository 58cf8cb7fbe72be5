import { createServer as createHttpsServer } from "node:https";
import { createServer as createTlsServer } from "node:tls";
import test, { type ExecutionContext } from "ava";
import { type PathOptions, probePath } from "../../src/transport/path.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { HelloMemory } from "../../src/transport/stages/hello-memory.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { type HelloFault, startHelloRelay } from "../testkit/proxies/hello-relay.ts";
import { closeAll, listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

const url = new URL("https://platform.example.org");
/** For both stages of a proxy. Silence is waited for. */
const proxyMs = 16_000;

/** This machine, a device, a proxy that speaks TLS, another device, and a server. */
async function start(t: ExecutionContext, before: HelloFault, behind: HelloFault = "none") {
  const company = await makeTestAuthority("Company Authority");
  const authority = await makeTestAuthority();
  const origin = await startOrigin(await authority.issue([url.hostname]), (_, reply) => {
    reply.end("{}");
  });
  const second = await startHelloRelay(origin.port, behind);
  const proxy = await startProxy(
    { kind: "tunnel" },
    () => ({ host: "127.0.0.1", port: second.port }),
    await company.issue(["proxy.example.org"]),
  );
  const first = await startHelloRelay(proxy.port, before);
  for (const part of [first, proxy, second, origin]) t.teardown(() => part.close());
  const options: PathOptions = {
    proxy: {
      host: "proxy.example.org",
      port: first.port,
      authentication: noAuthentication,
      tls: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false },
    },
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: {
      ...patientLimits,
      ...(before === "swallows" ? { proxyMs } : {}),
      ...(behind === "swallows" ? { tlsMs: 8000 } : {}),
    },
  };
  return { first, second, options };
}

for (const fault of ["swallows", "resets", "closes"] as const) {
  test(`a device before a proxy that ${fault} a ClientHello of two packets is passed with a shorter one`, async (t) => {
    const { first, options } = await start(t, fault);
    const { error, tls, stages } = await probePath(url, options);
    t.is(error, null);
    t.false(tls?.classicalOnly, "behind it the usual one is used");
    t.deepEqual(
      stages.map(({ stage, outcome }) => `${stage} ${outcome}`),
      ["resolve ok", "connect ok", "proxy-tls ok", "proxy ok", "tls ok"],
    );
    t.regex(stages[2]?.detail ?? "", /only without the large key/);
    t.deepEqual(
      first.hellos.map((length) => length > 1400),
      [true, false],
    );
  });
}

for (const [before, behind] of [
  ["resets", "closes"],
  ["swallows", "resets"],
  ["closes", "swallows"],
] as const)
  test(`one that ${before} it before the proxy and one that ${behind} it behind are both passed, and remembered`, async (t) => {
    const { first, second, options } = await start(t, before, behind);
    const hellos = new HelloMemory(() => 0);
    const probe = await probePath(url, { ...options, hellos });
    t.is(probe.error, null);
    t.true(probe.tls?.classicalOnly);
    t.is(first.hellos.length, 3);
    t.is(second.hellos.length, 2);
    const again = await probePath(url, { ...options, hellos });
    t.is(again.error, null);
    t.is(first.hellos.length, 4);
    t.is(second.hellos.length, 3);
  });

test("what the proxy needs is remembered for an hour, and for no other connection", async (t) => {
  const { first, second, options } = await start(t, "resets");
  let nowMs = 0;
  const hellos = new HelloMemory(() => nowMs);
  const probe = () => probePath(url, { ...options, hellos });
  await probe();
  t.is((await probe()).error, null);
  t.is(first.hellos.length, 3);
  t.true(
    second.hellos.every((length) => length > 1400),
    "the platform gets the usual one",
  );
  nowMs = 61 * 60_000;
  first.fault = "none";
  t.is((await probe()).error, null);
  t.true((first.hellos.at(-1) ?? 0) > 1400);
});

test("the memory is dropped when the proxy does not answer the shorter one either", async (t) => {
  const { first, options } = await start(t, "resets");
  const hellos = new HelloMemory(() => 0);
  await probePath(url, { ...options, hellos });
  first.fault = "dead";
  const limits = { ...patientLimits, proxyMs: 600 };
  t.is((await probePath(url, { ...options, hellos, limits })).error?.code, "proxy-silent");
  first.fault = "none";
  await probePath(url, { ...options, hellos });
  t.true((first.hellos.at(-1) ?? 0) > 1400);
});

test("a proxy that answers nothing is reported once, by its first silence", async (t) => {
  const { first, options } = await start(t, "dead");
  const limits = { ...patientLimits, proxyMs: 600 };
  const { error, stages } = await probePath(url, { ...options, limits });
  t.is(error?.code, "proxy-silent");
  t.deepEqual(
    stages.map(({ stage }) => stage),
    ["resolve", "connect", "proxy-tls"],
  );
  t.is(first.hellos.length, 0);
});

test("what is wrong behind the shorter ClientHello is reported, not the first silence", async (t) => {
  const untrusted = { certificateAuthorities: [], allowUnknownIssuer: false };
  const proxied = await start(t, "resets");
  const { proxy } = proxied.options;
  if (proxy === null || proxy.kind === "socks5") throw new Error("no proxy");
  const hellos = new HelloMemory(() => 0);
  const atProxy = await probePath(url, {
    ...proxied.options,
    hellos,
    proxy: { ...proxy, tls: untrusted },
  });
  t.is(atProxy.error?.code, "proxy-tls-untrusted");
  const atPlatform = await probePath(url, { ...proxied.options, hellos, trust: untrusted });
  t.is(atPlatform.error?.code, "tls-untrusted");
  t.is(proxied.first.hellos.length, 3, "the first failure was one of the shorter one");
  const behind = await start(t, "none", "closes");
  t.is(
    (await probePath(url, { ...behind.options, trust: untrusted })).error?.code,
    "tls-untrusted",
  );
});

test("a proxy that answers with an alert is not asked twice", async (t) => {
  const company = await makeTestAuthority();
  const { certificate, privateKey } = await company.issue(["proxy.example.org"]);
  // It has no protocol in common with this appliance.
  const server = createTlsServer({
    cert: certificate,
    key: privateKey,
    minVersion: "TLSv1.1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  server.on("tlsClientError", () => undefined);
  await listen(server);
  t.teardown(() => closeAll(server, []));
  const relay = await startHelloRelay(portOf(server.address()), "none");
  t.teardown(() => relay.close());
  const { error } = await probePath(url, {
    proxy: {
      host: "proxy.example.org",
      port: relay.port,
      authentication: noAuthentication,
      tls: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false },
    },
    trust: { certificateAuthorities: [], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  t.is(error?.code, "proxy-tls-failed");
  t.is(relay.hellos.length, 1);
});

test("a server of a test speaks TLS as the one of a proxy does", async (t) => {
  // So that the tests above cannot pass because a relay lets nothing through.
  const company = await makeTestAuthority();
  const { certificate, privateKey } = await company.issue([url.hostname]);
  const server = createHttpsServer({ cert: certificate, key: privateKey }, (_, reply) => {
    reply.end("{}");
  });
  await listen(server);
  t.teardown(() => closeAll(server, []));
  const relay = await startHelloRelay(portOf(server.address()), "none");
  t.teardown(() => relay.close());
  const { error } = await probePath(new URL(`https://${url.hostname}:${relay.port}`), {
    proxy: null,
    trust: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  });
  t.is(error, null);
  t.true((relay.hellos[0] ?? 0) > 1400, "the usual ClientHello does not fit into one packet");
});
