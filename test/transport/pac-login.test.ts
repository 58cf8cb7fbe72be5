import test from "ava";
import type { OutriderError } from "../../src/base/messages/error.ts";
import type { ProxySettings } from "../../src/settings/model/schema.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { startSocksProxy } from "../testkit/proxies/socks5.ts";
import { get, openUplink, startPacServer } from "../testkit/proxies/uplink.ts";

const password = "Passw0rd";
const users = {
  automatic: "scanner",
  none: "",
  basic: "scanner",
  digest: "scanner",
  ntlm: "LAB\\scanner",
  negotiate: "scanner@LAB.TEST",
} as const;

for (const [authentication, isSaid] of [
  ["automatic", true],
  ["basic", true],
  ["digest", false],
  ["ntlm", false],
  ["negotiate", false],
  ["none", false],
] as const) {
  test(`a SOCKS5 proxy that a PAC file names ${isSaid ? "gets" : "never gets"} the password in the clear where ${authentication} is set`, async (t) => {
    const authority = await makeTestAuthority("Platform Authority");
    const origin = await startOrigin(
      await authority.issue(["platform.example.org"]),
      (_, reply) => void reply.end("the page"),
    );
    t.teardown(origin.close);
    const user = users[authentication];
    const socks = await startSocksProxy({ kind: "serve", credentials: { user, password } }, () => ({
      host: "127.0.0.1",
      port: origin.port,
    }));
    t.teardown(socks.close);
    const pac = await startPacServer(
      `function FindProxyForURL() { return "SOCKS5 proxy.example.org:${socks.port}"; }`,
    );
    t.teardown(pac.close);
    const proxy: ProxySettings = {
      kind: "pac",
      url: pac.url,
      authentication,
      user,
      bypass: [],
      fallbackToDirect: false,
    };
    const platform = { certificateAuthorities: authority.certificate };
    const { transport } = openUplink(t, { proxy, password, platform });
    const answer = get(transport, new URL(`https://platform.example.org:${origin.port}/`));
    if (isSaid) t.is(await answer, "the page");
    else {
      const error = await t.throwsAsync<OutriderError>(answer);
      const isUnset = authentication === "none";
      t.is(error?.code, isUnset ? "proxy-authentication-required" : "proxy-scheme-unsupported");
      if (!isUnset) t.regex(error?.detail ?? "", /password in the clear/);
      t.deepEqual(socks.asked, []);
    }
  });
}
