import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import {
  configuration,
  facts,
  fails,
  json,
  platform,
  proxied,
  run,
  short,
  silentDns,
  stage,
  through,
  type Way,
} from "./surroundings.ts";

test("silent DNS is only a warning when the proxy is set by address, since it resolves the names", async (t) => {
  const byAddress = {
    ...proxied,
    proxy: { ...defaultHttpProxy, host: "192.0.2.20", authentication: "none" },
  } as const;
  const results = await run({ askDns: silentDns, configuration: byAddress });
  t.true(short(results).includes("dns:192.0.2.53 warning dns-silent"));
  t.is(short(results).at(-2), "service:platform ok");
});

test("a proxy that stops every service fails itself, one that refuses a single service does not", async (t) => {
  const dead = await run({ configuration: proxied, platform }, () =>
    fails("proxy-unreachable", stage("resolve"), stage("connect")),
  );
  t.true(short(dead).includes("proxy failed proxy-unreachable"));
  t.is(dead.filter(({ check, outcome }) => check === "service" && outcome === "skipped").length, 5);
  const login = await run({ configuration: proxied, platform }, () =>
    fails("proxy-authentication-failed", stage("resolve"), stage("connect"), stage("proxy")),
  );
  t.true(short(login).includes("proxy ok"));
  t.true(short(login).includes("proxy:login failed proxy-authentication-failed"));
  const denied = await run({ configuration: proxied, platform }, (host) =>
    host.startsWith("jobs")
      ? fails("proxy-denied", stage("resolve"), stage("connect"), stage("proxy"))
      : { ...through, stages: [stage("resolve"), stage("connect"), stage("proxy"), stage("tls")] },
  );
  t.true(short(denied).includes("proxy ok"));
  t.true(short(denied).includes("service:jobs failed proxy-denied"));
  t.true(short(denied).includes("service:health ok"));
});

test("each step through a proxy is a check of its own, and the first that fails ends it", async (t) => {
  const http = proxied.proxy;
  const behindTls = { ...proxied, proxy: http.kind === "http" ? { ...http, tls: true } : http };
  const socks: AgentConfiguration = {
    ...configuration,
    proxy: {
      kind: "socks5",
      host: "192.0.2.20",
      port: 1080,
      user: "",
      bypass: [],
      fallbackToDirect: false,
    },
  };
  const pacFile = "http://wpad.outrider.test/proxy.pac";
  const pac: AgentConfiguration = {
    ...configuration,
    proxy: {
      kind: "pac",
      url: pacFile,
      authentication: "automatic",
      user: "",
      bypass: [],
      fallbackToDirect: false,
    },
  };
  const proxyChecks = async (asked: AgentConfiguration, way: Way) =>
    short(
      (await run({ configuration: asked }, () => way)).filter(({ check }) => check === "proxy"),
    );
  const [resolve, connect, tls, tunnel] = [
    stage("resolve"),
    stage("connect"),
    stage("proxy-tls"),
    stage("proxy"),
  ];
  t.deepEqual(await proxyChecks(behindTls, fails("proxy-tls-untrusted", resolve, connect, tls)), [
    "proxy ok",
    "proxy:tls failed proxy-tls-untrusted",
    "proxy:login skipped",
    "proxy:connect skipped",
  ]);
  t.deepEqual(
    await proxyChecks(behindTls, fails("proxy-scheme-unsupported", resolve, connect, tls, tunnel)),
    [
      "proxy ok",
      "proxy:tls ok",
      "proxy:login failed proxy-scheme-unsupported",
      "proxy:connect skipped",
    ],
  );
  t.deepEqual(await proxyChecks(socks, fails("proxy-denied", resolve, connect, tunnel)), [
    "proxy ok",
    "proxy:login ok",
    "proxy:connect failed proxy-denied",
  ]);
  t.deepEqual(await proxyChecks(pac, fails("proxy-pac-unreachable", stage("pac"))), [
    "proxy:pac failed proxy-pac-unreachable",
    "proxy skipped",
    "proxy:tls skipped",
    "proxy:login skipped",
    "proxy:connect skipped",
  ]);
  const direct: Way = {
    stages: [stage("pac"), resolve, connect, stage("tls")],
    reply: json,
    tls: facts,
    route: { name: "direct", proxy: null, fallback: false },
  };
  t.deepEqual((await proxyChecks(pac, direct)).slice(0, 2), ["proxy:pac ok", "proxy skipped"]);
});

for (const [user, hint] of [
  ["CORP/anna", "CORP/anna has a slash; in a domain it is CORP\\anna"],
  ["corp.example/anna", "corp.example/anna has a slash; in a domain it is corp.example\\anna"],
  ["CORP\\anna", null],
  ["anna@corp.example", null],
  ["HTTP/anna@CORP", null],
  ["anna", null],
] as const) {
  test(`a refused user ${user} is shown with ${hint === null ? "no hint" : "a hint"}`, async (t) => {
    const login = stage("proxy", "proxy-authentication-failed", [
      fact("proxy-offers", { schemes: "ntlm" }),
    ]);
    const results = await run(
      {
        configuration: {
          ...proxied,
          proxy: { ...defaultHttpProxy, host: "proxy.outrider.test", user },
        },
      },
      () => ({
        stages: [stage("resolve"), stage("connect"), login],
        error: new OutriderError("proxy-authentication-failed"),
      }),
    );
    const detail = results.find(({ id }) => id === "proxy:login")?.detail ?? "";
    t.is(detail.includes("slash"), hint !== null);
    t.true(hint === null || detail.includes(hint));
  });
}

test("the schemes that the proxy offers are shown beside the one that is set", async (t) => {
  const login = stage("proxy", "proxy-authentication-failed", [
    fact("proxy-offers", { schemes: "basic, digest" }),
  ]);
  const results = await run({ configuration: proxied }, () => ({
    stages: [stage("resolve"), stage("connect"), login],
    error: new OutriderError("proxy-authentication-failed"),
  }));
  t.regex(
    results.find(({ id }) => id === "proxy:login")?.detail ?? "",
    /^it offers basic, digest; none is set$/,
  );
});

test("a failed proxy is a warning while the platform is called directly", async (t) => {
  const stages = [
    stage("resolve"),
    stage("connect", "proxy-unreachable"),
    stage("resolve"),
    stage("connect"),
    stage("tls"),
  ];
  const way: Way = {
    stages,
    reply: json,
    tls: facts,
    route: { name: "direct", proxy: null, fallback: true },
  };
  const results = await run({ configuration: proxied }, () => way);
  const proxy = results.find(({ id }) => id === "proxy");
  t.is(`${proxy?.outcome} ${proxy?.code}`, "warning proxy-unreachable");
  t.regex(proxy?.detail ?? "", /called directly meanwhile/);
  t.true(short(results).includes("service:platform ok"));
});

test("a wrong proxy password is tried once and not five times", async (t) => {
  const http = proxied.proxy;
  const withUser = {
    ...proxied,
    proxy:
      http.kind === "http" ? { ...http, user: "scanner", authentication: "basic" as const } : http,
  };
  let tries = 0;
  const results = await run({ configuration: withUser, platform }, () => {
    tries++;
    return fails("proxy-authentication-failed", stage("resolve"), stage("connect"), stage("proxy"));
  });
  t.is(tries, 1);
  t.is(
    results.filter(({ check, outcome }) => check === "service" && outcome === "skipped").length,
    5,
  );
});
