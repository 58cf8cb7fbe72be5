import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { type PathOptions, probePath } from "../../src/transport/path.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { HelloMemory } from "../../src/transport/stages/hello-memory.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { type HelloFault, startHelloRelay } from "../testkit/proxies/hello-relay.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

const url = new URL("https://platform.example.org");
/** Silence is waited for. */
const tlsMs = 8000;

async function start(t: ExecutionContext, fault: HelloFault) {
  const authority = await makeTestAuthority();
  const origin = await startOrigin(await authority.issue([url.hostname]), (_, reply) => {
    reply.end("{}");
  });
  t.teardown(() => origin.close());
  const relay = await startHelloRelay(origin.port, fault);
  t.teardown(() => relay.close());
  const options: PathOptions = {
    proxy: null,
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: { ...patientLimits, tlsMs: fault === "swallows" ? tlsMs : patientLimits.tlsMs },
  };
  const direct = new URL(`https://${url.hostname}:${relay.port}`);
  return { authority, relay, options, direct };
}

for (const fault of ["swallows", "resets", "closes"] as const) {
  test(`a device that ${fault} a ClientHello of two packets is passed with a shorter one`, async (t) => {
    const { relay, options, direct } = await start(t, fault);
    const { error, tls, stages } = await probePath(direct, options);
    t.is(error, null);
    t.like(tls, { classicalOnly: true, issuerTrusted: true });
    t.deepEqual(
      stages.map(({ stage, outcome }) => `${stage} ${outcome}`),
      ["resolve ok", "connect ok", "tls ok"],
    );
    t.regex(stages.at(-1)?.detail ?? "", /without|only without the large key/);
    t.is(relay.hellos.length, 2);
    t.true((relay.hellos[0] ?? 0) > 1400 && (relay.hellos[1] ?? 0) < 1000);
  });
}

test("so is one behind a proxy, and one behind a proxy that speaks TLS", async (t) => {
  const { authority, relay, options } = await start(t, "closes");
  for (const tls of [false, true]) {
    const proxy = await startProxy(
      { kind: "tunnel" },
      () => ({ host: "127.0.0.1", port: relay.port }),
      tls ? await authority.issue(["proxy.example.org"]) : undefined,
    );
    t.teardown(() => proxy.close());
    const probe = await probePath(url, {
      ...options,
      proxy: {
        host: "proxy.example.org",
        port: proxy.port,
        authentication: noAuthentication,
        ...(tls ? { tls: { ...options.trust } } : {}),
      },
    });
    t.is(probe.error, null);
    t.true(probe.tls?.classicalOnly);
    t.is(proxy.requests.length, 2);
  }
});

test("a route that needs it is remembered for an hour, and no other route", async (t) => {
  const { relay, options, direct } = await start(t, "resets");
  let nowMs = 0;
  const hellos = new HelloMemory(() => nowMs);
  const probe = () => probePath(direct, { ...options, hellos });
  t.is((await probe()).error, null);
  t.is(relay.hellos.length, 2);
  const { tls } = await probe();
  t.true(tls?.classicalOnly);
  t.is(relay.hellos.length, 3);
  t.false(hellos.needsClassical("proxy.example.org:3128"));
  nowMs = 61 * 60_000;
  relay.fault = "none";
  t.false((await probe()).tls?.classicalOnly);
  t.is(relay.hellos.length, 4);
});

test("the memory is dropped when the shorter one gets no answer either", async (t) => {
  const { relay, options, direct } = await start(t, "resets");
  const hellos = new HelloMemory(() => systemClock.monotonicMs());
  await probePath(direct, { ...options, hellos });
  t.true(hellos.needsClassical("direct"));
  relay.fault = "dead";
  const limits = { ...patientLimits, tlsMs: 300 };
  const { error } = await probePath(direct, { ...options, hellos, limits });
  t.is(error?.code, "tls-silent");
  t.false(hellos.needsClassical("direct"));
});

test("where nothing is answered, the first failure is reported, once", async (t) => {
  const { options, direct } = await start(t, "dead");
  const limits = { ...patientLimits, tlsMs: 300 };
  const { error, stages } = await probePath(direct, { ...options, limits });
  t.is(error?.code, "tls-silent");
  t.deepEqual(
    stages.map(({ stage }) => stage),
    ["resolve", "connect", "tls"],
  );
});

test("a server that answers is not asked twice, whatever is wrong with its certificate", async (t) => {
  const { relay, options, direct } = await start(t, "none");
  const trust = { certificateAuthorities: [], allowUnknownIssuer: false };
  t.is((await probePath(direct, { ...options, trust })).error?.code, "tls-untrusted");
  t.is(relay.hellos.length, 1);
});
