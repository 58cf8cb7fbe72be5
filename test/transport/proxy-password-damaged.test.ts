import test, { type ExecutionContext } from "ava";
import { damaged } from "../../src/base/credential.ts";
import type { OutriderError } from "../../src/base/messages/error.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { basicGate } from "../testkit/proxies/logins.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";
import { startSocksProxy } from "../testkit/proxies/socks5.ts";
import { get, openUplink } from "../testkit/proxies/uplink.ts";

const user = { user: "scanner", password: "Passw0rd" };

async function surroundings(t: ExecutionContext) {
  const authority = await makeTestAuthority("Platform Authority");
  const origin = await startOrigin(
    await authority.issue(["platform.example.org"]),
    (_, reply) => void reply.end("the page"),
  );
  t.teardown(origin.close);
  const url = new URL(`https://platform.example.org:${origin.port}/`);
  const by = (proxy: ProxySettings) =>
    get(
      openUplink(t, {
        proxy,
        password: damaged,
        platform: { certificateAuthorities: authority.certificate },
      }).transport,
      url,
    );
  return { by, onward: () => ({ host: "127.0.0.1", port: origin.port }) };
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    (error: OutriderError) => error.code,
  );

for (const authentication of ["basic", "digest", "ntlm", "negotiate", "automatic"] as const)
  test(`with a damaged password, ${authentication} fails by that at a proxy that asks for it, and sends no empty one`, async (t) => {
    const { by, onward } = await surroundings(t);
    const proxy = await startProxy({ kind: "gates", gates: [basicGate(user)] }, onward);
    t.teardown(proxy.close);
    const settings = { ...defaultHttpProxy, host: "proxy.example.org", port: proxy.port };
    t.is(
      await codeOf(by({ ...settings, authentication, user: user.user })),
      "proxy-password-damaged",
    );
    t.true(proxy.requests.length > 0);
    t.notRegex(JSON.stringify(proxy.requests), /proxy-authorization/i);
  });

test("a proxy that asks for nothing, or settings without a login, need no password", async (t) => {
  const { by, onward } = await surroundings(t);
  const proxy = await startProxy({ kind: "tunnel" }, onward);
  t.teardown(proxy.close);
  const settings = { ...defaultHttpProxy, host: "proxy.example.org", port: proxy.port };
  for (const login of [
    { authentication: "basic", user: user.user },
    { authentication: "automatic", user: "" },
    { authentication: "none", user: "" },
  ] as const)
    t.is(await by({ ...settings, ...login }), "the page", login.authentication);
});

test("SOCKS5 with a user fails by the damaged password", async (t) => {
  const { by, onward } = await surroundings(t);
  const proxy = await startSocksProxy({ kind: "serve", credentials: user }, onward);
  t.teardown(proxy.close);
  const settings = { kind: "socks5", host: "proxy.example.org", port: proxy.port } as const;
  const way = { ...settings, bypass: [], fallbackToDirect: false };
  t.is(await codeOf(by({ ...way, user: user.user })), "proxy-password-damaged");
});
