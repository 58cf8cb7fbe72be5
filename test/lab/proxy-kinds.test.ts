import type { ExecutionContext } from "ava";
import {
  companyCertificate,
  type ProxyKind,
  proxyName,
  proxyPorts,
  proxyUser,
} from "../../image/lab/peers-proxies.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  callHome,
  onlyByProxy,
  openProxyLab,
  type ProxyLab,
  type ProxyWishes,
  runDoctor,
  setProxy,
  wall,
} from "../testkit/lab/proxies.ts";

const http = (
  kind: ProxyKind,
  more: Partial<Extract<ProxySettings, { kind: "http" }>> = {},
): ProxySettings => ({
  ...defaultHttpProxy,
  host: proxyName,
  port: proxyPorts[kind],
  user: proxyUser.user,
  ...more,
});
const socks = (kind: "socks" | "socksPassword", user: string): ProxySettings => ({
  kind: "socks5",
  host: proxyName,
  port: proxyPorts[kind],
  user,
  bypass: [],
  fallbackToDirect: false,
});

/** The platform sees that the heartbeat comes through the proxy. */
async function comesThrough(
  t: ExecutionContext,
  lab: ProxyLab,
  title: string,
  proxy: ProxySettings,
  wishes: ProxyWishes = {},
): Promise<void> {
  await setProxy(lab, proxy, wishes);
  const call = await callHome(lab);
  t.is(call.code, "", `${title}: ${call.code} ${call.detail}`);
  const { seenFrom } =
    (await lab.operator.appliances()).find(({ id }) => id === lab.applianceId) ?? {};
  t.is(seenFrom, "198.51.100.20", title);
  t.like(call.view.path, { fallback: false }, title);
}

labTest(
  "the heartbeat arrives through squid without a log-in, with Basic, Digest, over TLS, through one that offers several, and through SOCKS5",
  async (t) => {
    t.timeout(400_000);
    const lab = await openProxyLab(t, [
      "open",
      "basic",
      "digest",
      "tls",
      "several",
      "socks",
      "socksPassword",
    ]);
    await wall(lab, onlyByProxy);
    const password = proxyUser.password;
    const trusted = [await companyCertificate(lab.namespaces)];

    await comesThrough(t, lab, "none", http("open", { authentication: "none", user: "" }));
    await comesThrough(t, lab, "basic", http("basic", { authentication: "basic" }), { password });
    await comesThrough(t, lab, "digest", http("digest", { authentication: "digest" }), {
      password,
    });
    await comesThrough(
      t,
      lab,
      "over TLS, found by itself",
      http("tls", { authentication: "automatic", tls: true }),
      { password, trusted },
    );
    await comesThrough(
      t,
      lab,
      "of several the strongest",
      http("several", { authentication: "automatic", user: "LABPROXY\\appliance" }),
      { password },
    );
    await comesThrough(t, lab, "SOCKS5", socks("socks", ""));
    await comesThrough(t, lab, "SOCKS5 with a password", socks("socksPassword", proxyUser.user), {
      password,
    });

    const { stdout: log } = await lab.namespaces.run([
      "sh",
      "-c",
      "grep -h CONNECT /run/lab/proxies/*.access",
    ]);
    for (const kind of ["basic", "digest"])
      t.regex(log, /TCP_TUNNEL\/200 .* CONNECT health\.outrider\.test:443 appliance /, kind);
    t.notRegex(await lab.appliance.journal(), /pass word/);

    await setProxy(lab, http("digest", { authentication: "basic" }), { password });
    const call = await callHome(lab);
    t.is(call.code, "proxy-scheme-unsupported");
    t.true(call.tookMs < 15_000);
    const doctor = await runDoctor(lab, "proxy");
    t.like(doctor.failed, { id: "proxy:login", code: "proxy-scheme-unsupported" });
    t.regex(doctor.failed?.detail ?? "", /offers digest; basic is set/);
  },
);
