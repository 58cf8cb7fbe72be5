import { setTimeout as delay } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { openPath, type ProxyOptions } from "../../src/transport/path.ts";
import { automaticAuthentication } from "../../src/transport/proxy/automatic.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { basicGate, digestGate, ntlmGate } from "../testkit/proxies/logins.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { type ProxyMode, startProxy } from "../testkit/proxies/proxy.ts";
import { startSocksProxy } from "../testkit/proxies/socks5.ts";
import { startDestination, until } from "../testkit/proxies/way.ts";

const known = { user: "scanner", password: "Passw0rd" };
const wrong = { user: "scanner", password: "other" };

const ways: { title: string; mode: ProxyMode; credentials?: typeof known; tls?: boolean }[] = [
  { title: "NTLM", mode: { kind: "gates", gates: [ntlmGate({ ...known, domain: "LAB" })] } },
  {
    title: "Digest over connections that the proxy ends",
    mode: {
      kind: "gates",
      gates: [digestGate({ ...known, algorithm: "SHA-256" })],
      hangsUp: "always",
    },
  },
  {
    title: "Digest through TLS to a proxy that ends connections",
    mode: { kind: "gates", gates: [digestGate({ ...known, algorithm: "MD5" })], hangsUp: "always" },
    tls: true,
  },
  {
    title: "a refused password",
    mode: { kind: "gates", gates: [basicGate(known)] },
    credentials: wrong,
  },
  { title: "a silent proxy behind TLS", mode: { kind: "silent" }, tls: true },
  { title: "a tunnel that swallows everything", mode: { kind: "silent-tunnel" } },
];

async function start(mode: ProxyMode, credentials: typeof known, tls: boolean) {
  const destination = await startDestination();
  const company = await makeTestAuthority("Company Authority");
  const certificate = tls ? await company.issue(["proxy.example.org"]) : undefined;
  const proxy = await startProxy(
    mode,
    () => ({ host: "127.0.0.1", port: destination.origin.port }),
    certificate,
  );
  const through: ProxyOptions = {
    host: "proxy.example.org",
    port: proxy.port,
    authentication: automaticAuthentication(
      { credentials, negotiateToken: null },
      systemRandom,
      systemClock,
    ),
    ...(tls
      ? { tls: { certificateAuthorities: [company.certificate], allowUnknownIssuer: false } }
      : {}),
  };
  return { destination, proxy, through };
}

async function open(through: ProxyOptions, trusted: string, signal?: AbortSignal) {
  const options = {
    proxy: through,
    trust: { certificateAuthorities: [trusted], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  };
  return await openPath({ host: "platform.example.org", port: 443 }, options, [], signal);
}

for (const { title, mode, credentials = known, tls = false } of ways) {
  test(`stopped at any moment or not, no connection is left by ${title}`, async (t) => {
    const { destination, proxy, through } = await start(mode, credentials, tls);
    t.teardown(async () => {
      await proxy.close();
      await destination.origin.close();
    });
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (afterMs) => {
        const stop = new AbortController();
        const reason = new Error("stopped");
        const opening = open(through, destination.authority.certificate, stop.signal).then(
          ({ socket }) => {
            socket.destroy();
            return "opened";
          },
          (error: unknown) => (error === reason ? "stopped" : "failed"),
        );
        await Promise.race([delay(afterMs), opening]);
        const stoppedMs = performance.now();
        stop.abort(reason);
        outcomes.add(await opening);
        t.true(performance.now() - stoppedMs < patientMs / 2, "it stops at once");
        await until(() => proxy.open() === 0);
      }),
      { numRuns: 25 },
    );
    t.true(outcomes.size > 0);
    t.is(proxy.open(), 0);
  });
}

test("twenty tunnels at once through SOCKS5 leave nothing when they end or are stopped", async (t) => {
  const destination = await startDestination();
  const proxy = await startSocksProxy({ kind: "serve", credentials: known }, () => ({
    host: "127.0.0.1",
    port: destination.origin.port,
  }));
  t.teardown(async () => {
    await proxy.close();
    await destination.origin.close();
  });
  const through: ProxyOptions = {
    kind: "socks5",
    host: "proxy.example.org",
    port: proxy.port,
    credentials: known,
  };
  const stop = new AbortController();
  const opened = await Promise.all(
    Array.from({ length: 20 }, () => open(through, destination.authority.certificate, stop.signal)),
  );
  t.is(proxy.open(), 20);
  const half = Array.from({ length: 20 }, () =>
    open(through, destination.authority.certificate, stop.signal),
  );
  for (const each of half) each.then(({ socket }) => socket.destroy()).catch(() => undefined);
  await until(() => proxy.open() > 20);
  stop.abort(new Error("stopped"));
  for (const { socket } of opened) socket.destroy();
  await until(() => proxy.open() === 0);
  t.pass();
});

// The counts are the whole process's, so no other test may run beside this one.
test.serial("a process that has hung up has no socket and no timer left of it", async (t) => {
  const { destination, proxy, through } = await start(
    { kind: "gates", gates: [digestGate({ ...known, algorithm: "MD5" })], hangsUp: "always" },
    known,
    true,
  );
  t.teardown(async () => {
    await proxy.close();
    await destination.origin.close();
  });
  const inUse = () =>
    process
      .getActiveResourcesInfo()
      .filter((name) => /TCP|TLS|Timeout|Timer/.test(name))
      .sort();
  const before = inUse();
  for (let count = 0; count < 5; count++)
    (
      await open(through, destination.authority.certificate, new AbortController().signal)
    ).socket.destroy();
  await until(() => inUse().length <= before.length).catch(() => undefined);
  t.deepEqual(inUse(), before);
});
