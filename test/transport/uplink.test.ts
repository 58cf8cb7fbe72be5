import test, { type ExecutionContext } from "ava";
import type { OutriderError } from "../../src/base/messages/error.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import type { UplinkParts } from "../../src/transport/uplink.ts";
import { FakeClock } from "../testkit/clock.ts";
import { makeTestAuthority, type TestAuthority } from "../testkit/proxies/certificates.ts";
import { basicGate, digestGate, negotiateGate, ntlmGate } from "../testkit/proxies/logins.ts";
import { type Origin, startOrigin } from "../testkit/proxies/origin.ts";
import { startProxy, type TestProxy } from "../testkit/proxies/proxy.ts";
import { startSocksProxy } from "../testkit/proxies/socks5.ts";
import { get, openUplink, startPacServer } from "../testkit/proxies/uplink.ts";
import { freePort, until } from "../testkit/proxies/way.ts";

const known = { user: "LAB\\scanner", password: "Passw0rd" };
const gateUser = { user: "scanner", password: "Passw0rd" };

interface Surroundings {
  authority: TestAuthority;
  origin: Origin;
  url: URL;
  platform: { certificateAuthorities: string };
  proxy(mode: Parameters<typeof startProxy>[0], tls?: TestAuthority): Promise<TestProxy>;
}

/** A platform that can be reached only by its name, so that a direct connection shows. */
async function surroundings(t: ExecutionContext): Promise<Surroundings> {
  const authority = await makeTestAuthority("Platform Authority");
  const origin = await startOrigin(
    await authority.issue(["platform.example.org"]),
    (_, reply) => void reply.end("the page"),
  );
  t.teardown(origin.close);
  return {
    authority,
    origin,
    url: new URL(`https://platform.example.org:${origin.port}/`),
    platform: { certificateAuthorities: authority.certificate },
    proxy: async (mode, company) => {
      const certificate = company && (await company.issue(["proxy.example.org"]));
      const proxy = await startProxy(
        mode,
        () => ({ host: "127.0.0.1", port: origin.port }),
        certificate,
      );
      t.teardown(proxy.close);
      return proxy;
    },
  };
}

const http = (
  port: number,
  more: Partial<Extract<ProxySettings, { kind: "http" }>> = {},
): ProxySettings => ({
  ...defaultHttpProxy,
  host: "proxy.example.org",
  port,
  ...more,
});

for (const [title, authentication, gate, user] of [
  ["of Basic", "basic", basicGate(gateUser), "scanner"],
  ["of Digest", "digest", digestGate({ ...gateUser, algorithm: "SHA-256" }), "scanner"],
  ["of NTLM", "ntlm", ntlmGate({ ...gateUser, domain: "LAB", requireMic: true }), known.user],
  ["of Digest with MD5", "automatic", digestGate({ ...gateUser, algorithm: "MD5" }), "scanner"],
  [
    "of NTLM found by itself",
    "automatic",
    ntlmGate({ ...gateUser, domain: "LAB", requireMic: true }),
    known.user,
  ],
] as const) {
  test(`settings with the scheme ${authentication} lead through a proxy, ${title}`, async (t) => {
    const { proxy, platform, url } = await surroundings(t);
    const { port } = await proxy({ kind: "gates", gates: [gate] });
    const { transport, seen } = openUplink(t, {
      proxy: http(port, { authentication, user }),
      password: known.password,
      platform,
    });
    t.is(await get(transport, url), "the page");
    t.deepEqual(
      seen.routes.map(({ name, fallback }) => [name, fallback]),
      [[`proxy.example.org:${port}`, false]],
    );
    const wrong = openUplink(t, {
      proxy: http(port, { authentication, user }),
      password: "wrong",
      platform,
    });
    t.is(
      (await t.throwsAsync<OutriderError>(get(wrong.transport, url)))?.code,
      "proxy-authentication-failed",
    );
  });
}

test("settings with Negotiate ask for a ticket for the proxy by its name", async (t) => {
  const { proxy, platform, url } = await surroundings(t);
  const gate = negotiateGate([Buffer.from("the token").toString("base64")]);
  const { port } = await proxy({ kind: "gates", gates: [gate] });
  const asked: string[] = [];
  const negotiateToken = async (service: string) => {
    asked.push(service);
    return Buffer.from("the token").toString("base64");
  };
  for (const authentication of ["negotiate", "automatic"] as const) {
    const settings = {
      proxy: http(port, { authentication, user: "scanner@LAB.TEST" }),
      password: "x",
      platform,
    };
    t.is(await get(openUplink(t, settings, { negotiateToken }).transport, url), "the page");
  }
  t.deepEqual([...new Set(asked)], ["HTTP/proxy.example.org"]);
  const noRealm = openUplink(t, {
    proxy: http(port, { authentication: "negotiate", user: "scanner" }),
    password: "x",
    platform,
  });
  t.is(
    (await t.throwsAsync<OutriderError>(get(noRealm.transport, url)))?.code,
    "proxy-credentials-unusable",
  );
});

test("settings with SOCKS5 have a password only when they have a user", async (t) => {
  const { platform, url, origin } = await surroundings(t);
  const onward = () => ({ host: "127.0.0.1", port: origin.port });
  const open = await startSocksProxy({ kind: "serve" }, onward);
  const closed = await startSocksProxy({ kind: "serve", credentials: gateUser }, onward);
  t.teardown(open.close);
  t.teardown(closed.close);
  const socks = (port: number, user: string): ProxySettings => ({
    kind: "socks5",
    host: "proxy.example.org",
    port,
    user,
    bypass: [],
    fallbackToDirect: false,
  });
  t.is(
    await get(openUplink(t, { proxy: socks(open.port, ""), platform }).transport, url),
    "the page",
  );
  t.is(
    await get(
      openUplink(t, { proxy: socks(closed.port, "scanner"), password: "Passw0rd", platform })
        .transport,
      url,
    ),
    "the page",
  );
  const without = openUplink(t, { proxy: socks(closed.port, ""), password: "Passw0rd", platform });
  t.is(
    (await t.throwsAsync<OutriderError>(get(without.transport, url)))?.code,
    "proxy-authentication-required",
  );
});

test("a proxy behind TLS is believed by what was added, and not by the platform's authority", async (t) => {
  const { proxy, platform, url, authority } = await surroundings(t);
  const company = await makeTestAuthority("Company Authority");
  const { port } = await proxy({ kind: "tunnel" }, company);
  const settings = { proxy: http(port, { tls: true }), platform };
  t.is(
    await get(openUplink(t, { ...settings, trusted: [company.certificate] }).transport, url),
    "the page",
  );
  t.is(
    (await t.throwsAsync<OutriderError>(get(openUplink(t, settings).transport, url)))?.code,
    "proxy-tls-untrusted",
  );
  const sameAuthority = await proxy({ kind: "tunnel" }, authority);
  const settled = openUplink(t, { proxy: http(sameAuthority.port, { tls: true }), platform });
  t.is(
    (await t.throwsAsync<OutriderError>(get(settled.transport, url)))?.code,
    "proxy-tls-untrusted",
  );
});

test("what is on the bypass list is called directly", async (t) => {
  const { platform, url } = await surroundings(t);
  const { transport, seen } = openUplink(t, {
    proxy: http(await freePort(), { bypass: ["*.example.org", "not an entry"] }),
    platform,
  });
  t.is(await get(transport, url), "the page");
  t.is(seen.routes[0]?.name, "direct");
  t.false(seen.routes[0]?.fallback);
});

test("an interception is named; with an added authority that trusts it, it is only reported", async (t) => {
  const { platform, url, authority } = await surroundings(t);
  const inspector = await makeTestAuthority("Inspection CA");
  const between = await startOrigin(
    await inspector.issue(["platform.example.org"]),
    (_, reply) => void reply.end("read along"),
  );
  t.teardown(between.close);
  const there = new URL(`https://platform.example.org:${between.port}/`);
  const none: ProxySettings = { kind: "none" };
  const error = await t.throwsAsync<OutriderError>(
    get(openUplink(t, { proxy: none, platform }).transport, there),
  );
  t.is(error?.code, "tls-intercepted");
  t.regex(error?.detail ?? "", /Inspection CA/);
  const trusting = openUplink(t, {
    proxy: none,
    platform,
    trusted: [inspector.certificate, "no certificate"],
  });
  t.is(await get(trusting.transport, there), "read along");
  t.like(trusting.seen.tls[0], { intercepted: true, issuer: "Inspection CA", issuerTrusted: true });
  t.is(await get(trusting.transport, url), "the page");
  t.like(trusting.seen.tls[1], { intercepted: false, issuer: "Platform Authority" });
  // The platform's own authority, added by hand as well, is no inspector.
  const twice = openUplink(t, { proxy: none, platform, trusted: [authority.certificate] });
  await get(twice.transport, url);
  t.false(twice.seen.tls[0]?.intercepted);
  // Before the enrolment the authority is unknown, and the content proves itself.
  const early = openUplink(t, { proxy: none, platform: null });
  t.is(await get(early.transport, there), "read along");
  t.like(early.seen.tls[0], { intercepted: false, issuerTrusted: false });
});

test("with the fallback allowed a dead proxy is gone around, and gone through again when it is back", async (t) => {
  const { proxy, platform, url } = await surroundings(t);
  const clock = new FakeClock(Date.now());
  const through = await proxy({ kind: "close" });
  const { transport, seen } = openUplink(
    t,
    { proxy: http(through.port, { fallbackToDirect: true }), platform },
    { clock },
  );
  t.is(await get(transport, url), "the page");
  t.like(seen.routes.at(-1), { name: "direct", fallback: true });
  const tries = through.connections();
  await get(transport, url);
  t.is(through.connections(), tries, "it is left in peace for a while");
  t.is(seen.routes.length, 1, "and the connection is kept");
  await clock.advance(61_000);
  await get(transport, url);
  await until(() => through.connections() === tries + 1);
  t.like(seen.routes.at(-1), { name: "direct" }, "it was looked for, in vain");
  through.mode = { kind: "tunnel" };
  await clock.advance(61_000);
  await get(transport, url);
  await until(() => through.requests.length >= tries + 2 && through.open() === 0);
  for (let tries = 0; seen.routes.at(-1)?.fallback && tries < 100; tries++)
    await get(transport, url);
  t.like(seen.routes.at(-1), { name: `proxy.example.org:${through.port}`, fallback: false });
});

test("without it a dead proxy is an error, and nothing goes around it", async (t) => {
  const { proxy, platform, url, origin } = await surroundings(t);
  const { port } = await proxy({ kind: "close" });
  const { transport } = openUplink(t, { proxy: http(port), platform });
  t.is((await t.throwsAsync<OutriderError>(get(transport, url)))?.code, "proxy-protocol");
  t.is(origin.connections(), 0);
});

test("when the proxy and the direct route both fail, the proxy's fault is the error and the other one its detail", async (t) => {
  const { platform } = await surroundings(t);
  const closed = await freePort();
  const { transport } = openUplink(t, {
    proxy: http(closed, { fallbackToDirect: true }),
    platform,
  });
  const error = await t.throwsAsync<OutriderError>(
    get(transport, new URL(`https://platform.example.org:${await freePort()}/`)),
  );
  t.is(error?.code, "proxy-unreachable");
  t.regex(error?.detail ?? "", /also tried directly: connect-refused/);
});

test("a PAC file's proxies are tried in its order; when all fail it is fetched again", async (t) => {
  const { proxy, platform, url } = await surroundings(t);
  const clock = new FakeClock(Date.now());
  const [dead, good] = [
    await freePort(),
    await proxy({ kind: "gates", gates: [basicGate(gateUser)] }),
  ];
  const pac = await startPacServer(`function FindProxyForURL(url, host) {
    if (host == "platform.example.org" && myIpAddress() == "127.0.0.1") return "PROXY dead.example.org:${dead}; PROXY good.example.org:${good.port}";
    return "DIRECT";
  }`);
  t.teardown(pac.close);
  const settings: ProxySettings = {
    kind: "pac",
    url: pac.url,
    authentication: "basic",
    user: "scanner",
    bypass: [],
    fallbackToDirect: false,
  };
  const { transport, seen } = openUplink(
    t,
    { proxy: settings, password: "Passw0rd", platform },
    { clock },
  );
  t.is(await get(transport, url), "the page");
  t.is(seen.routes.at(-1)?.name, `good.example.org:${good.port}`);
  t.is(pac.fetches, 1);
  t.is(await get(transport, url), "the page");
  t.is(pac.fetches, 1, "nothing is asked for a connection that is kept");

  good.mode = { kind: "close" };
  good.cut();
  await clock.advance(61_000);
  const error = await t.throwsAsync<OutriderError>(get(transport, url));
  t.is(error?.code, "proxy-protocol", "the one that failed first comes last");
  pac.script = 'function FindProxyForURL(url, host) { return "DIRECT"; }';
  await clock.advance(61_000);
  t.is(await get(transport, url), "the page");
  t.is(seen.routes.at(-1)?.name, "direct");
});

test("a PAC file that names one proxy alone is fetched again when that one fails", async (t) => {
  const { proxy, platform, url } = await surroundings(t);
  const clock = new FakeClock(Date.now());
  const served = await proxy({ kind: "tunnel" });
  const pac = await startPacServer(
    `function FindProxyForURL(url, host) { return "PROXY proxy.example.org:${await freePort()}"; }`,
  );
  t.teardown(pac.close);
  const settings: ProxySettings = {
    kind: "pac",
    url: pac.url,
    authentication: "none",
    user: "",
    bypass: [],
    fallbackToDirect: false,
  };
  const { transport } = openUplink(t, { proxy: settings, platform }, { clock });
  const failed = async () => (await t.throwsAsync<OutriderError>(get(transport, url)))?.code;
  t.is(await failed(), "proxy-unreachable");
  pac.script = `function FindProxyForURL(url, host) { return "PROXY proxy.example.org:${served.port}"; }`;
  t.is(await failed(), "proxy-unreachable", "at most once a minute");
  t.is(pac.fetches, 1);
  await clock.advance(60_000);
  t.is(await get(transport, url), "the page");
  t.is(pac.fetches, 2);
});

test("each server that is contacted for a PAC file is reported, also targets of redirects and one that does not answer", async (t) => {
  const { platform, url } = await surroundings(t);
  const last = await startPacServer('function FindProxyForURL(url, host) { return "DIRECT"; }');
  t.teardown(last.close);
  const first = await startPacServer("");
  t.teardown(first.close);
  const contacts: string[] = [];
  const parts: Partial<UplinkParts> = {
    pacContacted: ({ host, port, addresses, redirected }) =>
      void contacts.push(`${host}:${port} ${addresses.join()}${redirected ? " redirected" : ""}`),
  };
  const settings: ProxySettings = {
    kind: "pac",
    url: first.url,
    authentication: "none",
    user: "",
    bypass: [],
    fallbackToDirect: false,
  };
  const set = `wpad.example.org:${new URL(first.url).port} 127.0.0.1`;
  const { port } = new URL(last.url);
  first.script = new URL(`http://elsewhere.example.org:${port}/other.pac`);
  t.is(await get(openUplink(t, { proxy: settings, platform }, parts).transport, url), "the page");
  t.deepEqual(contacts.splice(0), [set, `elsewhere.example.org:${port} 127.0.0.1 redirected`]);
  const closed = await freePort();
  first.script = new URL(`http://elsewhere.example.org:${closed}/other.pac`);
  await t.throwsAsync(get(openUplink(t, { proxy: settings, platform }, parts).transport, url));
  t.deepEqual(contacts, [set, `elsewhere.example.org:${closed} 127.0.0.1 redirected`]);
});

test("a PAC file that cannot be had or gives nothing has its own code", async (t) => {
  const { platform, url } = await surroundings(t);
  const pac = await startPacServer("");
  t.teardown(pac.close);
  const codeOf = async (address: string, script: string | null) => {
    pac.script = script;
    const settings: ProxySettings = {
      kind: "pac",
      url: address,
      authentication: "automatic",
      user: "",
      bypass: [],
      fallbackToDirect: false,
    };
    const error = await t.throwsAsync<OutriderError>(
      get(openUplink(t, { proxy: settings, platform }).transport, url),
    );
    return `${error?.code}: ${error?.detail}`;
  };
  t.regex(await codeOf(pac.url, null), /^proxy-pac-unreachable: .*answered 404/);
  t.regex(
    await codeOf(pac.url, "<html>Please log in</html>"),
    /^proxy-pac-unreachable: .*web page/,
  );
  t.regex(
    await codeOf(pac.url, `x = "${"x".repeat(2 ** 20)}"`),
    /^proxy-pac-unreachable: .*(size|SIZE|max)/,
  );
  t.regex(
    await codeOf(`http://nowhere.example.org/p.pac`, ""),
    /^proxy-pac-unreachable: .*dns-not-found/,
  );
  t.regex(
    await codeOf(`http://wpad.example.org:${await freePort()}/`, ""),
    /^proxy-pac-unreachable: .*connect-refused/,
  );
  t.regex(await codeOf("rubbish", ""), /^proxy-pac-unreachable/);
  t.regex(
    await codeOf(pac.url, "function FindProxyForURL() { return 'SOCKS4 a:1'; }"),
    /^proxy-pac-failed: .*SOCKS4 a:1/,
  );
  t.regex(await codeOf(pac.url, "not a script"), /^proxy-pac-failed: SyntaxError/);
});
