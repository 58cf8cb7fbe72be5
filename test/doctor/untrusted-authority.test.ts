import { createServer } from "node:https";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { readResults } from "../../src/configd/machine/real-doctor.ts";
import type { ProxySettings } from "../../src/settings/model/schema.ts";
import { describeCertificate } from "../../src/settings/values/certificates.ts";
import { Uplink } from "../../src/transport/uplink.ts";
import { makeTestAuthority, type TestAuthority } from "../testkit/proxies/certificates.ts";
import { listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits, patientPacLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";
import { configuration, run } from "./surroundings.ts";

const login = { user: "", authentication: "none" as const, fallbackToDirect: false };
const platform = { certificateAuthorities: "" };

/** The doctor's results over this way, as configd reads them from its output. */
async function results(
  t: ExecutionContext,
  certificates: { platform: TestAuthority; trusted?: readonly string[] },
  proxy: ProxySettings = { kind: "none" },
  enrolled = true,
) {
  const origin = await startOrigin(await certificates.platform.issue(["127.0.0.1"]), (_, reply) => {
    reply.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  t.teardown(() => origin.close());
  const all = {
    ...configuration,
    platformUrl: `https://127.0.0.1:${origin.port}`,
    proxy,
    trustedCertificates: [...(certificates.trusted ?? [])],
  };
  const uplink = new Uplink(all, null, {
    clock: systemClock,
    random: systemRandom,
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
    pacLimits: patientPacLimits,
  });
  const own = await makeTestAuthority("Outrider CA");
  const known = enrolled ? { ...platform, certificateAuthorities: own.certificate } : null;
  const found = await run({
    configuration: all,
    resolve: async () => ["127.0.0.1"],
    transport: (observe) => uplink.transport(known, observe),
  });
  return readResults(found.map((each) => JSON.stringify(each)).join("\n"));
}

test("the authority of a device that inspects TLS is in the result, with its fingerprint in the detail", async (t) => {
  const box = await (await makeTestAuthority("Corp Root")).subordinate("Corp Box");
  const tls = (await results(t, { platform: box })).find(({ id }) => id === "tls");
  t.is(tls?.code, "tls-intercepted");
  t.is(tls?.authorities?.length, 1);
  const facts = describeCertificate(tls?.authorities?.[0] ?? "");
  t.is(facts?.subject, "Corp Box");
  t.true(tls?.detail.includes(`Corp Box, SHA-256 ${facts?.fingerprint256}`));
  const cured = await results(t, { platform: box, trusted: tls?.authorities ?? [] });
  t.not(cured.find(({ id }) => id === "tls")?.outcome, "failed");
});

test("three authorities with long names are whole in the detail", async (t) => {
  let at = await makeTestAuthority("R".repeat(64));
  for (const letter of ["A", "B", "C"]) at = await at.subordinate(letter.repeat(64));
  const tls = (await results(t, { platform: at })).find(({ id }) => id === "tls");
  t.is(tls?.authorities?.length, 3);
  for (const pem of tls?.authorities ?? [])
    t.true(tls?.detail.includes(describeCertificate(pem)?.fingerprint256 ?? "?"));
});

test("a server that sends no authority along: nothing to trust, and the detail says what to do", async (t) => {
  const root = await makeTestAuthority("Corp Root");
  const tls = (await results(t, { platform: root })).find(({ id }) => id === "tls");
  t.is(tls?.outcome, "failed");
  t.is(tls?.authorities, undefined);
  t.regex(tls?.detail ?? "", /no certificate of an authority was sent along: get it from/);
});

test("before the enrolment any issuer is let through, and nothing is offered", async (t) => {
  const box = await (await makeTestAuthority("Corp Root")).subordinate("Corp Box");
  const found = await results(t, { platform: box }, { kind: "none" }, false);
  t.true(found.every(({ authorities }) => authorities === undefined));
});

test("so are the authorities of a proxy that speaks TLS and of a PAC file's server", async (t) => {
  const box = await (await makeTestAuthority("Corp Root")).subordinate("Corp Box");
  const certificate = await box.issue(["127.0.0.1"]);
  const proxy = await startProxy({ kind: "tunnel" }, undefined, certificate);
  t.teardown(() => proxy.close());
  const byProxy = await results(
    t,
    { platform: await makeTestAuthority() },
    { kind: "http", tls: true, host: "127.0.0.1", port: proxy.port, bypass: [], ...login },
  );
  const atProxy = byProxy.find(({ id }) => id === "proxy:tls");
  t.is(atProxy?.code, "proxy-tls-untrusted");
  t.is(describeCertificate(atProxy?.authorities?.[0] ?? "")?.subject, "Corp Box");

  const pac = createServer({ cert: certificate.certificate, key: certificate.privateKey });
  await listen(pac);
  t.teardown(() => pac.close());
  const url = `https://127.0.0.1:${portOf(pac.address())}/proxy.pac`;
  const byPac = await results(
    t,
    { platform: await makeTestAuthority() },
    { kind: "pac", url, bypass: [], ...login },
  );
  const atPac = byPac.find(({ id }) => id === "proxy:pac");
  t.is(atPac?.code, "proxy-pac-unreachable");
  t.is(describeCertificate(atPac?.authorities?.[0] ?? "")?.subject, "Corp Box");
});
