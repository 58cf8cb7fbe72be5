import { createServer } from "node:https";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { ProxySettings } from "../../src/settings/model/schema.ts";
import { Uplink } from "../../src/transport/uplink.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { type HelloFault, startHelloRelay } from "../testkit/proxies/hello-relay.ts";
import { closeAll, listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits, patientPacLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";
import { configuration, run } from "./surroundings.ts";

/** For silence, which is waited for: a busy machine still answers within half of it. */
const silenceMs = 10_000;
const login = { user: "", authentication: "none" as const, fallbackToDirect: false };

/** A company with a proxy that speaks TLS and a PAC file over HTTPS, each behind a device. */
async function start(t: ExecutionContext, toProxy: HelloFault, toPac: HelloFault | null) {
  t.timeout(180_000);
  const company = await makeTestAuthority("Company Authority");
  const origin = await startOrigin(await company.issue(["127.0.0.1"]), (_, reply) => {
    reply.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const certificate = await company.issue(["127.0.0.1"]);
  const proxy = await startProxy(
    { kind: "tunnel" },
    () => ({ host: "127.0.0.1", port: origin.port }),
    certificate,
  );
  const atProxy = await startHelloRelay(proxy.port, toProxy);
  const pac = createServer({ cert: certificate.certificate, key: certificate.privateKey });
  pac.on("request", (_, reply) => {
    reply.end(`function FindProxyForURL() { return "HTTPS 127.0.0.1:${atProxy.port}"; }`);
  });
  await listen(pac);
  const atPac = await startHelloRelay(portOf(pac.address()), toPac ?? "none");
  for (const part of [atProxy, atPac, proxy, origin]) t.teardown(() => part.close());
  t.teardown(() => {
    pac.closeAllConnections();
    return closeAll(pac, []);
  });
  const settings: ProxySettings =
    toPac === null
      ? { kind: "http", tls: true, host: "127.0.0.1", port: atProxy.port, bypass: [], ...login }
      : { kind: "pac", url: `https://127.0.0.1:${atPac.port}/proxy.pac`, bypass: [], ...login };
  const silent = (fault: HelloFault | null) => fault === "swallows" || fault === "black-hole";
  const parts = {
    clock: systemClock,
    random: systemRandom,
    resolve: async () => ["127.0.0.1"],
    limits: {
      ...patientLimits,
      ...(silent(toProxy) ? { proxyMs: silenceMs, tlsMs: silenceMs } : {}),
    },
    pacLimits: { ...patientPacLimits, ...(silent(toPac) ? { fetchMs: silenceMs } : {}) },
  };
  const asked = { ...configuration, platformUrl: `https://127.0.0.1:${origin.port}` };
  const all = { ...asked, proxy: settings, trustedCertificates: [company.certificate] };
  const uplink = new Uplink(all, null, parts);
  const results = await run({
    configuration: all,
    resolve: parts.resolve,
    transport: (observe, hello, to) =>
      (hello && to && to !== "platform"
        ? new Uplink(all, null, { ...parts, hellos: { [to]: hello } })
        : uplink
      ).transport(null, observe),
    monotonicMs: () => performance.now(),
  });
  return (id: string) => {
    const found = results.find((result) => result.id === id);
    return `${found?.outcome} ${found?.code} ${found?.detail}`;
  };
}

for (const { fault, found } of [
  { fault: "swallows", found: /^warning tls-hello-large .*calling home works/ },
  { fault: "resets", found: /^warning tls-hello-large .*calling home works/ },
  { fault: "closes", found: /^warning tls-hello-large .*calling home works/ },
  { fault: "black-hole", found: /^warning path-mtu .*in small packets only/ },
  { fault: "none", found: /^ok null .*Company Authority/ },
] as const) {
  test.serial(
    `before a proxy that speaks TLS, a device that ${fault} a long ClientHello is named, and the rest is judged`,
    async (t) => {
      const of = await start(t, fault, null);
      t.regex(of("proxy:tls"), found);
      t.regex(of("proxy:connect"), /^ok/);
      // The black hole may swallow the one to the platform, inside the tunnel, as well.
      t.regex(of("tls"), fault === "black-hole" ? /^(?:ok|warning path-mtu)/ : /^ok/);
    },
  );
  test.serial(
    `before the server of a PAC file, a device that ${fault} a long ClientHello is named, and the rest is judged`,
    async (t) => {
      const of = await start(t, "none", fault);
      t.regex(
        of("proxy:pac"),
        fault === "none" ? /^ok null .*HTTPS|^ok null .*127\.0\.0\.1/ : found,
      );
      t.regex(of("proxy:tls"), /^ok/);
      t.regex(of("proxy:connect"), /^ok/);
      t.regex(of("tls"), /^ok/);
    },
  );
}

test.serial("both devices are named at once", async (t) => {
  const of = await start(t, "resets", "closes");
  t.regex(of("proxy:pac"), /^warning tls-hello-large/);
  t.regex(of("proxy:tls"), /^warning tls-hello-large/);
  t.regex(of("proxy:connect"), /^ok/);
});
