import { createHash, randomBytes } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import type { ProxyOptions } from "../../src/transport/path.ts";
import { automaticAuthentication } from "../../src/transport/proxy/automatic.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { digestGate, ntlmGate, type ProxyGate } from "../testkit/proxies/logins.ts";
import { type Origin, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";
import { startSocksProxy } from "../testkit/proxies/socks5.ts";
import { until } from "../testkit/proxies/way.ts";

const known = { user: "scanner", password: "Passw0rd" };
type Start = (
  t: ExecutionContext,
  origin: Origin,
) => Promise<{ through: ProxyOptions; open(): number }>;

const http =
  (gate: ProxyGate, tls: boolean): Start =>
  async (t, origin) => {
    const company = await makeTestAuthority("Company Authority");
    const certificate = tls ? await company.issue(["proxy.example.org"]) : undefined;
    const proxy = await startProxy(
      { kind: "gates", gates: [gate] },
      () => ({ host: "127.0.0.1", port: origin.port }),
      certificate,
    );
    t.teardown(proxy.close);
    const authentication = automaticAuthentication(
      { credentials: known, negotiateToken: null },
      systemRandom,
      systemClock,
    );
    const trust = tls
      ? { tls: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false } }
      : {};
    return {
      through: {
        kind: "http",
        host: "proxy.example.org",
        port: proxy.port,
        authentication,
        ...trust,
      },
      open: proxy.open,
    };
  };

const socks: Start = async (t, origin) => {
  const proxy = await startSocksProxy({ kind: "serve", credentials: known }, () => ({
    host: "127.0.0.1",
    port: origin.port,
  }));
  t.teardown(proxy.close);
  return {
    through: { kind: "socks5", host: "proxy.example.org", port: proxy.port, credentials: known },
    open: proxy.open,
  };
};

for (const [title, start] of [
  ["an NTLM proxy", http(ntlmGate({ ...known, domain: "LAB", requireMic: true }), false)],
  ["a Digest proxy behind TLS", http(digestGate({ ...known, algorithm: "SHA-256" }), true)],
  ["a SOCKS5 proxy", socks],
] as const) {
  test(`many requests of any size go through one tunnel of ${title}, and closing ends it`, async (t) => {
    const authority = await makeTestAuthority();
    const origin = await startOrigin(
      await authority.issue(["platform.example.org"]),
      (request, reply) => {
        const hash = createHash("sha256");
        request.on("data", (chunk: Buffer) => hash.update(chunk));
        request.on("end", () => reply.end(hash.digest("hex")));
      },
    );
    t.teardown(origin.close);
    const { through, open } = await start(t, origin);
    const trust = { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false };
    const transport = new HttpTransport({
      proxy: through,
      trust,
      resolve: async () => ["127.0.0.1"],
      limits: patientLimits,
    });
    t.teardown(() => transport.close());
    for (const size of [0, 1, 16_384, 100_000, 2_000_000]) {
      const content = randomBytes(size);
      const reply = await transport.request({
        method: "POST",
        url: new URL("https://platform.example.org/x"),
        headers: {},
        content,
        limitMs: patientMs,
      });
      t.is(
        Buffer.from(reply.content).toString("utf8"),
        createHash("sha256").update(content).digest("hex"),
      );
    }
    t.is(origin.connections(), 1);
    t.is(open(), 1);
    await transport.close();
    await until(() => open() === 0);
  });
}
