import { createServer, type Socket } from "node:net";
import test from "ava";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { systemRandom } from "../../src/base/random.ts";
import { digestAuthentication } from "../../src/transport/proxy/digest.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { digestGate } from "../testkit/proxies/logins.ts";
import { closeAll, listen, portOf } from "../testkit/proxies/origin.ts";
import { type ProxyMode, startProxy } from "../testkit/proxies/proxy.ts";
import { startDestination, until } from "../testkit/proxies/way.ts";

const known = { user: "scanner", password: "Passw0rd" };
const day = 24 * 60 * 60_000;

async function start(
  mode: ProxyMode,
  names = ["proxy.example.org"],
  validity?: { fromMs: number; toMs: number },
) {
  const destination = await startDestination();
  const company = await makeTestAuthority("Company Authority");
  const proxy = await startProxy(
    mode,
    () => ({ host: "127.0.0.1", port: destination.origin.port }),
    await company.issue(names, validity),
  );
  const close = async () => {
    await proxy.close();
    await destination.origin.close();
  };
  const through = {
    host: "proxy.example.org",
    port: proxy.port,
    authentication: noAuthentication,
    tls: {
      certificateAuthorities: [company.certificate],
      allowUnknownIssuer: false,
      dateLimitMs: patientMs,
    },
  };
  return { ...destination, proxy, through, close };
}

test("a proxy behind TLS is a stage of its own, and its CA is not trusted for the platform", async (t) => {
  const { fetch, probe, proxy, through, authority, close } = await start({ kind: "tunnel" });
  t.teardown(close);
  t.regex(await fetch(through), /the page$/);
  const { error, stages, tls } = await probe(through);
  t.is(error, null);
  t.deepEqual(
    stages.map(({ stage }) => stage),
    ["resolve", "connect", "proxy-tls", "proxy", "tls"],
  );
  t.regex(stages[2]?.detail ?? "", /issuer Company Authority/);
  t.is(tls?.issuer, "Test Authority");
  const untrusted = await probe(through, {
    trust: { certificateAuthorities: [], allowUnknownIssuer: false },
  });
  t.is(untrusted.error?.code, "tls-untrusted");
  const swapped = await probe({
    ...through,
    tls: {
      certificateAuthorities: [authority.certificate],
      allowUnknownIssuer: false,
      dateLimitMs: patientMs,
    },
  });
  t.is(swapped.error?.code, "proxy-tls-untrusted");
  t.regex(swapped.error?.detail ?? "", /Company Authority/);
  await until(() => proxy.open() === 0);
  t.pass();
});

test("a login over TLS goes on over another TLS connection when the proxy hangs up", async (t) => {
  const { probe, proxy, through, close } = await start({
    kind: "gates",
    gates: [digestGate({ ...known, algorithm: "SHA-256" })],
    hangsUp: "always",
  });
  t.teardown(close);
  t.is(
    (await probe({ ...through, authentication: digestAuthentication(known, systemRandom) })).error,
    null,
  );
  t.is(proxy.connections(), 2);
  await until(() => proxy.open() === 0);
});

const faults: {
  title: string;
  names?: string[];
  validity?: { fromMs: number; toMs: number };
  code: ErrorCode;
}[] = [
  { title: "for another name", names: ["other.example.org"], code: "proxy-tls-name-mismatch" },
  {
    title: "that has expired",
    validity: { fromMs: Date.now() - 20 * day, toMs: Date.now() - 10 * day },
    code: "proxy-tls-expired",
  },
];
test("a proxy's certificate that is for a later time is the proxy's fault, by a clock that is right", async (t) => {
  const { probe, through, close } = await start(
    { kind: "answer", bytes: `HTTP/1.1 400 No\r\nDate: ${new Date().toUTCString()}\r\n\r\n` },
    undefined,
    { fromMs: Date.now() + day, toMs: Date.now() + 9 * day },
  );
  t.teardown(close);
  const { error, stages } = await probe(through);
  t.is(error?.code, "proxy-tls-expired");
  t.regex(error?.detail ?? "", /valid from/);
  t.is(stages.at(-1)?.stage, "proxy-tls");
});

for (const { title, names, validity, code } of faults) {
  test(`a proxy with a certificate ${title} is ${code}`, async (t) => {
    const { probe, proxy, through, close } = await start({ kind: "tunnel" }, names, validity);
    t.teardown(close);
    const { error, stages } = await probe(through);
    t.is(error?.code, code);
    t.is(stages.at(-1)?.stage, "proxy-tls");
    await until(() => proxy.open() === 0);
  });
}

for (const [title, answer, code] of [
  ["does not speak TLS", "HTTP/1.1 400 Bad Request\r\n\r\n", "proxy-tls-failed"],
  ["hangs up on it", null, "proxy-tls-failed"],
  ["is silent there", "", "proxy-silent"],
] as const) {
  test(`a proxy behind TLS that ${title} is ${code}`, async (t) => {
    const { probe, through, close } = await start({ kind: "tunnel" });
    t.teardown(close);
    const sockets = new Set<Socket>();
    const plain = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      socket.resume();
      if (answer === null) socket.end();
      else socket.write(answer);
    });
    await listen(plain);
    t.teardown(() => closeAll(plain, sockets));
    const { error, stages } = await probe(
      { ...through, port: portOf(plain.address()) },
      answer === "" ? { limits: { proxyMs: 400 } } : {},
    );
    t.is(error?.code, code);
    t.is(stages.at(-1)?.stage, "proxy-tls");
    await until(() => sockets.size === 0);
  });
}
