import { createServer } from "node:net";
import test from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { probePath } from "../../src/transport/path.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";

const day = 24 * 60 * 60_000;
const resolve = async () => ["127.0.0.1"];

async function serve(names: string[], validity?: { fromMs: number; toMs: number }) {
  const authority = await makeTestAuthority();
  const origin = await startOrigin(
    await authority.issue(names, validity),
    (_, reply) => void reply.end("{}"),
  );
  return { authority, origin, url: new URL(`https://platform.example.org:${origin.port}`) };
}

test("a certificate of a known authority is accepted, and its issuer is reported", async (t) => {
  const { authority, origin, url } = await serve(["platform.example.org"]);
  t.teardown(() => origin.close());
  const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
  const { error, tls, stages } = await probePath(url, {
    proxy: null,
    trust,
    resolve,
    limits: patientLimits,
  });
  t.is(error, null);
  t.like(tls, { issuer: "Test Authority", issuerTrusted: true, protocol: "TLSv1.3" });
  t.deepEqual(
    stages.map(({ stage, outcome }) => [stage, outcome]),
    [
      ["resolve", "ok"],
      ["connect", "ok"],
      ["tls", "ok"],
    ],
  );
});

test("an unknown issuer is refused, and let through only where that is allowed", async (t) => {
  const { origin, url } = await serve(["platform.example.org"]);
  t.teardown(() => origin.close());
  const strict = await probePath(url, {
    proxy: null,
    trust: { certificateAuthorities: [], allowUnknownIssuer: false },
    resolve,
    limits: patientLimits,
  });
  t.is(strict.error?.code, "tls-untrusted");
  t.regex(strict.error?.detail ?? "", /Test Authority/);
  const first = await probePath(url, {
    proxy: null,
    trust: { certificateAuthorities: [], allowUnknownIssuer: true },
    resolve,
    limits: patientLimits,
  });
  t.is(first.error, null);
  t.like(first.tls, { issuerTrusted: false });
});

for (const allowUnknownIssuer of [false, true]) {
  test(`another name is refused${allowUnknownIssuer ? ", also where an unknown issuer is allowed" : ""}`, async (t) => {
    const { authority, origin, url } = await serve(["other.example.org"]);
    t.teardown(() => origin.close());
    const trust = {
      certificateAuthorities: allowUnknownIssuer ? [] : [authority.certificate],
      allowUnknownIssuer,
    };
    const { error } = await probePath(url, { proxy: null, trust, resolve, limits: patientLimits });
    t.is(error?.code, "tls-name-mismatch");
    t.regex(error?.detail ?? "", /other\.example\.org/);
  });

  test(`an expired certificate is refused${allowUnknownIssuer ? ", also where an unknown issuer is allowed" : ""}`, async (t) => {
    const { authority, origin, url } = await serve(["platform.example.org"], {
      fromMs: Date.now() - 9 * day,
      toMs: Date.now() - day,
    });
    t.teardown(() => origin.close());
    const trust = {
      certificateAuthorities: allowUnknownIssuer ? [] : [authority.certificate],
      allowUnknownIssuer,
    };
    const { error } = await probePath(url, { proxy: null, trust, resolve, limits: patientLimits });
    t.is(error?.code, "tls-expired");
  });
}

for (const [title, offset] of [
  ["years behind", -900 * day],
  ["years ahead", 900 * day],
] as const) {
  test(`a clock that is ${title} is distinguished from a bad certificate`, async (t) => {
    const { authority, origin, url } = await serve(["platform.example.org"]);
    t.teardown(() => origin.close());
    const clock = { ...systemClock, nowMs: () => Date.now() + offset };
    const { error } = await probePath(url, {
      proxy: null,
      trust: {
        certificateAuthorities: [authority.certificate],
        allowUnknownIssuer: false,
        dateLimitMs: patientMs,
      },
      resolve,
      clock,
      limits: patientLimits,
    });
    t.is(error?.code, "tls-clock");
  });
}

test("a server that does not speak TLS is tls-not-tls, one that hangs up is tls-failed, a silent one tls-silent", async (t) => {
  const expected = { page: "tls-not-tls", close: "tls-failed", silent: "tls-silent" } as const;
  for (const [kind, code] of Object.entries(expected)) {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        if (kind === "page") socket.end("HTTP/1.1 400 Bad Request\r\n\r\n<html>");
        if (kind === "close") socket.end();
      });
    });
    await listen(server);
    t.teardown(() => void server.close());
    const url = new URL(`https://platform.example.org:${portOf(server.address())}`);
    const trust = { certificateAuthorities: [], allowUnknownIssuer: false };
    // Only silence is to be waited for.
    const { error } = await probePath(url, {
      proxy: null,
      trust,
      resolve,
      limits: { ...patientLimits, ...(kind === "silent" ? { tlsMs: 400 } : {}) },
    });
    t.is(error?.code, code, kind);
  }
});

for (const hello of ["small", "large", "cut"] as const)
  test(`a question with the ${hello} ClientHello is answered with an alert`, async (t) => {
    const { authority, origin, url } = await serve(["platform.example.org"]);
    t.teardown(() => origin.close());
    const trust = {
      certificateAuthorities: [authority.certificate],
      allowUnknownIssuer: false,
      hello,
    } as const;
    const { error } = await probePath(url, { proxy: null, trust, resolve, limits: patientLimits });
    t.is(error?.code, "tls-failed");
    t.regex(error?.detail ?? "", /ALERT_NO_APPLICATION_PROTOCOL/);
  });
