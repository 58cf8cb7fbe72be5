import { createServer as createTlsServer } from "node:https";
import test from "ava";
import { fetchPacScript } from "../../src/transport/pac/fetch-script.ts";
import { probePath } from "../../src/transport/path.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { closeAll, listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

/** RFC 9110 section 4.3.5: a host by address is compared with the certificate's IP addresses. */
const cases = [
  { host: "127.0.0.1", names: ["127.0.0.1", "::1"], code: null },
  { host: "[::1]", names: ["127.0.0.1", "::1"], code: null },
  { host: "[2001:db8::17]", names: ["platform.example.org", "2001:db8:0:0::17"], code: null },
  { host: "platform.example.org.", names: ["platform.example.org"], code: null },
  { host: "127.0.0.1", names: ["localhost"], code: "tls-name-mismatch" },
  { host: "127.0.0.1", names: ["127.0.0.2"], code: "tls-name-mismatch" },
  { host: "[::1]", names: ["localhost", "127.0.0.1"], code: "tls-name-mismatch" },
] as const;
for (const allowUnknownIssuer of [false, true])
  for (const { host, names, code } of cases) {
    const before = allowUnknownIssuer ? ", before the enrolment" : "";
    test(`https://${host} with a certificate for ${names.join(", ")} is ${code ?? "let through"}${before}`, async (t) => {
      const authority = await makeTestAuthority();
      const origin = await startOrigin(await authority.issue(names), (_, reply) => {
        reply.end("{}");
      });
      t.teardown(() => origin.close());
      const { error } = await probePath(new URL(`https://${host}:${origin.port}`), {
        proxy: null,
        trust: {
          certificateAuthorities: allowUnknownIssuer ? [] : [authority.certificate],
          allowUnknownIssuer,
        },
        resolve: async () => ["127.0.0.1"],
        limits: patientLimits,
      });
      t.is(error?.code ?? null, code);
    });
  }

test("a proxy behind TLS may be set by its address", async (t) => {
  const authority = await makeTestAuthority();
  const origin = await startOrigin(await authority.issue(["127.0.0.1"]), (_, reply) => {
    reply.end("{}");
  });
  t.teardown(() => origin.close());
  const proxy = await startProxy(
    { kind: "tunnel" },
    () => ({ host: "127.0.0.1", port: origin.port }),
    await authority.issue(["127.0.0.1"]),
  );
  t.teardown(() => proxy.close());
  const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
  const { error } = await probePath(new URL("https://127.0.0.1"), {
    proxy: {
      host: "127.0.0.1",
      port: proxy.port,
      authentication: noAuthentication,
      tls: { ...trust },
    },
    trust,
    limits: patientLimits,
  });
  t.is(error, null);
});

test("a PAC file may be fetched over TLS from an address", async (t) => {
  const authority = await makeTestAuthority();
  const { certificate, privateKey } = await authority.issue(["127.0.0.1"]);
  const server = createTlsServer({ cert: certificate, key: privateKey }, (_, reply) => {
    reply.end("function FindProxyForURL() { return 'DIRECT' }");
  });
  await listen(server);
  t.teardown(() => closeAll(server, []));
  const { text } = await fetchPacScript(
    `https://127.0.0.1:${portOf(server.address())}/proxy.pac`,
    {
      resolve: async (host) => [host],
      trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
      nowMs: Date.now,
      limitMs: patientMs,
    },
    new AbortController().signal,
  );
  t.regex(text, /DIRECT/);
});
