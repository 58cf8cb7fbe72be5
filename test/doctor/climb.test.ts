import { createServer, type Server } from "node:http";
import { createServer as createNetServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { AgentConfiguration } from "../../src/configd/agent-configuration.ts";
import { climb, sharesNetwork } from "../../src/doctor/climb.ts";
import type { KnownPlatform } from "../../src/doctor/known-platform.ts";
import type { RungResult } from "../../src/doctor/result.ts";
import type { Surroundings } from "../../src/doctor/surroundings.ts";
import type { InterfaceFacts } from "../../src/network/live-model.ts";
import { OutriderError } from "../../src/protocol/error.ts";
import type { ErrorCode } from "../../src/protocol/error-codes.ts";
import { type Fact, fact, said, tellFacts } from "../../src/protocol/facts.ts";
import { defaultHttpProxy } from "../../src/settings/schema.ts";
import type { Transport, TransportReply } from "../../src/transport/http-transport.ts";
import type { Route } from "../../src/transport/routes.ts";
import type { StageResult } from "../../src/transport/stages.ts";
import type { TlsFacts } from "../../src/transport/tls.ts";

const eth0: InterfaceFacts = {
  name: "eth0",
  macAddress: "52:54:00:00:00:01",
  linkUp: true,
  state: "configured",
  addresses: ["192.0.2.10/24"],
  gateway: "192.0.2.1",
  dns: ["192.0.2.53", "198.51.100.53"],
  dhcp: false,
  pciAddress: "0000:00:03.0",
  driver: "virtio_net",
  speedMbps: 1000,
  index: 2,
};
const configuration: AgentConfiguration = {
  hostname: "outrider",
  platformUrl: "https://platform.outrider.test",
  proxy: { kind: "none" },
  trustedCertificates: [],
  scanDevice: "eth0",
  managementDevice: null,
  scanExclusions: [],
  simulated: null,
};
const proxied: AgentConfiguration = { ...configuration, proxy: { ...defaultHttpProxy, host: "proxy.outrider.test", authentication: "none" } };
const url = (name: string) => `https://${name}.outrider.test/${name}/v1`;
const platform: KnownPlatform = {
  platformUrl: "https://platform.outrider.test",
  certificateAuthorities: "",
  configuration: {
    directory: {
      platformName: "Test",
      services: { enrolment: url("enrolment"), health: url("health"), updates: url("updates"), jobs: url("jobs"), results: url("results") },
      ipRanges: [],
    },
  },
};

const stage = (name: StageResult["stage"], code: ErrorCode | null = null, told: readonly Fact[] = [said(name)]): StageResult => ({
  stage: name,
  outcome: code ? "failed" : "ok",
  code,
  facts: told,
  detail: tellFacts(told) ?? "",
  durationMs: 1,
});
const json: TransportReply = { status: 401, headers: { "content-type": "application/json" }, content: Buffer.from('{"error":{"code":"signature-invalid"}}') };

/** How the way to a host goes: its stages, and then an answer or a failure. */
interface Way {
  stages: StageResult[];
  reply?: TransportReply;
  error?: OutriderError;
  tls?: TlsFacts;
  route?: Route;
}
const through: Way = { stages: [stage("resolve"), stage("connect"), stage("tls")], reply: json };
const fails = (code: ErrorCode, ...stages: StageResult[]): Way => ({
  stages: [...stages.slice(0, -1), { ...(stages.at(-1) ?? stage("resolve")), outcome: "failed", code }],
  error: new OutriderError(code, { detail: "as said" }),
});

function surroundings(change: Partial<Surroundings>, way: (host: string) => Way = () => through): Surroundings {
  return {
    configuration,
    platform: null,
    interfaces: async () => [eth0],
    neighbourAnswers: async () => true,
    askDns: async (_, name) => fact("name-found", { host: name ?? "", addresses: "198.51.100.10" }),
    transport: (observe): Transport => ({
      request: async (request) => {
        const { stages, reply, error, tls = null, route = null } = way(request.url.hostname);
        observe(request.url.host, stages, tls, route);
        if (error) throw error;
        return reply ?? json;
      },
      close: async () => undefined,
    }),
    nowMs: () => Date.UTC(2026, 0, 1),
    monotonicMs: () => 0,
    ...change,
  };
}

async function run(change: Partial<Surroundings>, way?: (host: string) => Way, only: string | null = null): Promise<RungResult[]> {
  const results: RungResult[] = [];
  for await (const result of climb(surroundings(change, way), new AbortController().signal, only)) results.push(result);
  return results;
}

const short = (results: readonly RungResult[]) => results.map(({ id, outcome, code }) => `${id} ${outcome}${code ? ` ${code}` : ""}`);
const silentDns = async (server: string): Promise<Fact> => {
  throw new OutriderError("dns-silent", { detail: server });
};

test("a path that works is all ok, each service by its name", async (t) => {
  t.deepEqual(short(await run({ platform })), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan ok",
    "dns:192.0.2.53 ok",
    "dns:198.51.100.53 ok",
    "proxy skipped",
    "tls ok",
    "service:enrolment ok",
    "service:health ok",
    "service:updates ok",
    "service:jobs ok",
    "service:results ok",
    "clock skipped",
  ]);
});

test("before the enrolment only the platform's own address is asked", async (t) => {
  const asked: string[] = [];
  const results = await run({}, (host) => {
    asked.push(host);
    return through;
  });
  t.deepEqual(asked, ["platform.outrider.test"]);
  t.is(short(results).at(-2), "service:platform ok");
  t.is(short(await run({ configuration: { ...configuration, platformUrl: null } })).at(-2), "service:platform skipped");
});

test("silence beside a rejection is asked once more: who rejects by ICMP does not answer everybody at once", async (t) => {
  const after = async (first: (host: string) => Way, then: (host: string) => Way) => {
    const asked: string[] = [];
    const results = await run({ platform }, (host) => {
      const again = asked.includes(host);
      asked.push(host);
      return (again ? then : first)(host);
    });
    const repeated = asked.filter((host, index) => asked.indexOf(host) < index).map((host) => host.split(".")[0]);
    return { services: short(results.filter(({ rung }) => rung === "service")).map((text) => text.replace(/^service:/, "")), repeated };
  };
  const rejected = fails("connect-unreachable", stage("resolve"), stage("connect"));
  const silent = fails("connect-silent", stage("resolve"), stage("connect"));
  const all = ["enrolment", "health", "updates", "jobs", "results"];
  const some = (host: string) => (host.startsWith("jobs") || host.startsWith("health") ? rejected : silent);

  const limited = await after(some, () => rejected);
  t.deepEqual(
    limited.services,
    all.map((name) => `${name} failed connect-unreachable`),
  );
  t.deepEqual(limited.repeated, ["enrolment", "updates", "results"], "only those that heard nothing");
  const other = await after(some, () => silent);
  t.deepEqual(other.services.slice(0, 2), ["enrolment failed connect-silent", "health failed connect-unreachable"], "what stays silent is called so");
  t.deepEqual(other.repeated, ["enrolment", "updates", "results"], "and is not asked a third time");
  t.deepEqual(
    (
      await after(
        () => silent,
        () => through,
      )
    ).repeated,
    [],
    "silence alone is not asked again",
  );
});

test("the first rung that fails is the only one that fails, and says why the rest was not tried", async (t) => {
  const cases: [string, Partial<Surroundings>, string][] = [
    ["no such interface", { interfaces: async () => [] }, "link:lan failed interface-missing"],
    ["no role", { configuration: { ...configuration, scanDevice: null } }, "link:lan failed interface-missing"],
    ["no link", { interfaces: async () => [{ ...eth0, linkUp: false, addresses: [] }] }, "link:lan failed link-down"],
    ["no address", { interfaces: async () => [{ ...eth0, addresses: [], gateway: null, dns: [] }] }, "address:lan failed no-address"],
    ["no DNS server", { interfaces: async () => [{ ...eth0, dns: [] }] }, "dns:none failed dns-no-server"],
  ];
  for (const [name, change, expected] of cases) {
    const results = await run(change);
    t.deepEqual(
      short(results).filter((line) => line.includes("failed")),
      [expected],
      name,
    );
    for (const result of results) if (result.outcome === "skipped") t.not(result.detail, "", name);
  }
});

test("a silent gateway stops what lies beyond it and not what is on the link", async (t) => {
  const results = await run({ neighbourAnswers: async () => false });
  t.deepEqual(short(results), [
    "link:lan ok",
    "address:lan ok",
    "gateway:lan failed gateway-silent",
    "dns:192.0.2.53 ok",
    "dns:198.51.100.53 skipped",
    "proxy skipped",
    "tls ok",
    "service:platform ok",
    "clock skipped",
  ]);
  const local = { ...proxied, proxy: { ...defaultHttpProxy, host: "192.0.2.20", authentication: "none" } } as const;
  t.is(short(await run({ neighbourAnswers: async () => false, configuration: local })).at(-2), "service:platform ok");
  const remote = { ...local, proxy: { ...local.proxy, host: "198.51.100.20" } };
  t.is(short(await run({ neighbourAnswers: async () => false, configuration: remote })).at(-2), "service:platform skipped");
});

test("without a gateway that is said", async (t) => {
  t.true(short(await run({ interfaces: async () => [{ ...eth0, gateway: null }] })).includes("gateway:lan failed no-route"));
});

test("one DNS server that is silent beside one that answers is a warning, all of them are a failure", async (t) => {
  const one = await run({ askDns: async (server) => (server === "192.0.2.53" ? silentDns(server) : said("x is 1.2.3.4")) });
  t.deepEqual(short(one).slice(3, 5), ["dns:192.0.2.53 warning dns-silent", "dns:198.51.100.53 ok"]);
  const all = await run({ askDns: silentDns });
  t.deepEqual(short(all).slice(3), [
    "dns:192.0.2.53 failed dns-silent",
    "dns:198.51.100.53 failed dns-silent",
    "proxy skipped",
    "tls skipped",
    "service:platform skipped",
    "clock skipped",
  ]);
});

test("DNS that is silent is only a warning when the proxy has an address and resolves itself", async (t) => {
  const byAddress = { ...proxied, proxy: { ...defaultHttpProxy, host: "192.0.2.20", authentication: "none" } } as const;
  const results = await run({ askDns: silentDns, configuration: byAddress });
  t.true(short(results).includes("dns:192.0.2.53 warning dns-silent"));
  t.is(short(results).at(-2), "service:platform ok");
});

test("a proxy that stops every way is named itself, one that stops a single address is not", async (t) => {
  const dead = await run({ configuration: proxied, platform }, () => fails("proxy-unreachable", stage("resolve"), stage("connect")));
  t.true(short(dead).includes("proxy failed proxy-unreachable"));
  t.is(dead.filter(({ rung, outcome }) => rung === "service" && outcome === "skipped").length, 5);
  const login = await run({ configuration: proxied, platform }, () => fails("proxy-authentication-failed", stage("resolve"), stage("connect"), stage("proxy")));
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

test("a web page in place of a service is a block page, a server's own error is one", async (t) => {
  const answer = (reply: Partial<TransportReply>): Promise<RungResult[]> => run({}, () => ({ ...through, reply: { ...json, ...reply } }));
  t.is((await answer({ headers: { "content-type": "text/html" }, content: Buffer.from("<html>") })).at(-2)?.code, "service-block-page");
  t.is((await answer({ headers: {}, content: Buffer.from("\n <!DOCTYPE html>") })).at(-2)?.code, "service-block-page");
  t.is((await answer({ status: 502, headers: { "content-type": "text/plain" }, content: Buffer.from("bad") })).at(-2)?.code, "service-error");
  t.is((await answer({ status: 200 })).at(-2)?.outcome, "ok");
});

const facts: TlsFacts = {
  protocol: "TLSv1.3",
  issuer: "Outrider CA",
  subject: "platform.outrider.test",
  fingerprint256: "",
  validFromMs: 0,
  validToMs: 0,
  issuerTrusted: true,
  intercepted: false,
};

test("each step through a proxy is a rung of its own, and the first that fails ends it", async (t) => {
  const http = proxied.proxy;
  const behindTls = { ...proxied, proxy: http.kind === "http" ? { ...http, tls: true } : http };
  const socks: AgentConfiguration = {
    ...configuration,
    proxy: { kind: "socks5", host: "192.0.2.20", port: 1080, user: "", bypass: [], fallbackToDirect: false },
  };
  const pacFile = "http://wpad.outrider.test/proxy.pac";
  const pac: AgentConfiguration = {
    ...configuration,
    proxy: { kind: "pac", url: pacFile, authentication: "automatic", user: "", bypass: [], fallbackToDirect: false },
  };
  const proxyRungs = async (asked: AgentConfiguration, way: Way) =>
    short((await run({ configuration: asked }, () => way)).filter(({ rung }) => rung === "proxy"));
  const [resolve, connect, tls, tunnel] = [stage("resolve"), stage("connect"), stage("proxy-tls"), stage("proxy")];
  t.deepEqual(await proxyRungs(behindTls, fails("proxy-tls-untrusted", resolve, connect, tls)), [
    "proxy ok",
    "proxy:tls failed proxy-tls-untrusted",
    "proxy:login skipped",
    "proxy:connect skipped",
  ]);
  t.deepEqual(await proxyRungs(behindTls, fails("proxy-scheme-unsupported", resolve, connect, tls, tunnel)), [
    "proxy ok",
    "proxy:tls ok",
    "proxy:login failed proxy-scheme-unsupported",
    "proxy:connect skipped",
  ]);
  t.deepEqual(await proxyRungs(socks, fails("proxy-denied", resolve, connect, tunnel)), ["proxy ok", "proxy:login ok", "proxy:connect failed proxy-denied"]);
  t.deepEqual(await proxyRungs(pac, fails("proxy-pac-unreachable", stage("pac"))), [
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
  t.deepEqual((await proxyRungs(pac, direct)).slice(0, 2), ["proxy:pac ok", "proxy skipped"]);
});

test("what the proxy offers and what is set stand beside each other", async (t) => {
  const login = stage("proxy", "proxy-authentication-failed", [fact("proxy-offers", { schemes: "basic, digest" })]);
  const results = await run({ configuration: proxied }, () => ({
    stages: [stage("resolve"), stage("connect"), login],
    error: new OutriderError("proxy-authentication-failed"),
  }));
  t.regex(results.find(({ id }) => id === "proxy:login")?.detail ?? "", /^it offers basic, digest; none is set$/);
});

test("a proxy that is gone around is a warning that says so", async (t) => {
  const stages = [stage("resolve"), stage("connect", "proxy-unreachable"), stage("resolve"), stage("connect"), stage("tls")];
  const way: Way = { stages, reply: json, tls: facts, route: { name: "direct", proxy: null, fallback: true } };
  const results = await run({ configuration: proxied }, () => way);
  const proxy = results.find(({ id }) => id === "proxy");
  t.is(`${proxy?.outcome} ${proxy?.code}`, "warning proxy-unreachable");
  t.regex(proxy?.detail ?? "", /called directly meanwhile/);
  t.true(short(results).includes("service:platform ok"));
});

test("who reads along is a warning with the issuer's name; where that is not allowed it is the fault", async (t) => {
  const between: Way = { ...through, tls: { ...facts, issuer: "Inspection CA", intercepted: true } };
  const allowed = (await run({ platform }, () => between)).find(({ id }) => id === "tls");
  t.is(`${allowed?.outcome} ${allowed?.code}`, "warning tls-intercepted");
  t.regex(allowed?.detail ?? "", /Inspection CA/);
  const results = await run({ platform }, () => fails("tls-intercepted", stage("resolve"), stage("connect"), stage("tls")));
  t.true(short(results).includes("tls failed tls-intercepted"));
  t.is(results.filter(({ rung, outcome }) => rung === "service" && outcome === "skipped").length, 5);
});

test("a clock that is off is told from a bad certificate, and is only a warning where calling home corrects for it", async (t) => {
  const dated = (date: string): Way => ({ ...through, reply: { ...json, headers: { ...json.headers, date } } });
  const clockOf = async (way: Way) => (await run({}, () => way)).find(({ id }) => id === "clock");
  t.like(await clockOf(dated("Thu, 01 Jan 2026 00:00:20 GMT")), { outcome: "ok", detail: "20 s behind the platform's" });
  t.like(await clockOf(dated("Thu, 01 Jan 2026 01:00:00 GMT")), { outcome: "warning", code: "clock-wrong" });
  t.like(await clockOf(dated("rubbish")), { outcome: "skipped" });
  const results = await run({}, () => fails("tls-clock", stage("resolve"), stage("connect"), stage("tls")));
  t.like(
    results.find(({ outcome }) => outcome === "failed"),
    { id: "tls", code: "tls-clock" },
  );
  t.like(results.at(-1), { id: "clock", outcome: "failed", code: "clock-wrong" });
});

test("a way that a firewall may stop comes with the rule to ask for", async (t) => {
  const resolved = stage("resolve", null, [fact("name-found", { host: "platform.outrider.test", addresses: "198.51.100.10" })]);
  const silent: Way = {
    stages: [resolved, stage("connect", "connect-silent")],
    error: new OutriderError("connect-silent", { detail: "198.51.100.10 port 443" }),
  };
  const service = (await run({}, () => silent)).find(({ rung }) => rung === "service");
  t.regex(service?.detail ?? "", /rule to ask for: allow TCP from 192\.0\.2\.10 to platform\.outrider\.test \(198\.51\.100\.10\) port 443$/);
  const proxy = await run({ configuration: proxied }, () => fails("proxy-unreachable", stage("resolve"), stage("connect")));
  t.regex(proxy.find(({ id }) => id === "proxy")?.detail ?? "", /to proxy\.outrider\.test port 3128$/);
});

test("a wrong password is said once and not five times", async (t) => {
  const http = proxied.proxy;
  const withUser = { ...proxied, proxy: http.kind === "http" ? { ...http, user: "scanner", authentication: "basic" as const } : http };
  let tries = 0;
  const results = await run({ configuration: withUser, platform }, () => {
    tries++;
    return fails("proxy-authentication-failed", stage("resolve"), stage("connect"), stage("proxy"));
  });
  t.is(tries, 1);
  t.is(results.filter(({ rung, outcome }) => rung === "service" && outcome === "skipped").length, 5);
});

test("in split mode the way home is WAN's, and LAN is looked at besides", async (t) => {
  const eth1: InterfaceFacts = { ...eth0, name: "eth1", addresses: ["198.51.100.50/24"], gateway: "198.51.100.1", dns: ["198.51.100.1"] };
  const split = { configuration: { ...configuration, managementDevice: "eth1" }, interfaces: async () => [{ ...eth0, addresses: [], linkUp: false }, eth1] };
  t.deepEqual(short(await run(split)).slice(0, 6), [
    "link:lan failed link-down",
    "address:lan skipped",
    "link:wan ok",
    "address:wan ok",
    "gateway:wan ok",
    "dns:198.51.100.1 ok",
  ]);
  t.true(short(await run(split)).includes("service:platform ok"));
});

test("one rung, or one kind of them, can be looked at again by itself", async (t) => {
  const asked: string[] = [];
  const note = (host: string): Way => {
    asked.push(host);
    return through;
  };
  const fail = async (): Promise<never> => {
    throw new Error("not asked for");
  };
  t.deepEqual(short(await run({ platform, neighbourAnswers: fail, askDns: fail }, note, "service:jobs")), ["service:jobs ok"]);
  t.deepEqual(asked, ["jobs.outrider.test"]);
  t.deepEqual(short(await run({ platform, neighbourAnswers: fail }, note, "dns")), ["dns:192.0.2.53 ok", "dns:198.51.100.53 ok"]);
  t.deepEqual(short(await run({ platform, askDns: fail }, note, "gateway:lan")), ["gateway:lan ok"]);
  t.is(asked.length, 1);
  t.deepEqual(short(await run({ platform }, note, "tls")), ["tls ok"]);
  t.is(asked.length, 2);
  t.deepEqual(short(await run({}, () => fails("connect-silent", stage("resolve"), stage("connect")), "service")), ["service:platform failed connect-silent"]);
  t.deepEqual(await run({}, note, "no-such-rung"), []);
});

test("networks are compared by their prefix", (t) => {
  t.true(sharesNetwork("192.0.2.10/24", "192.0.2.200"));
  t.false(sharesNetwork("192.0.2.10/25", "192.0.2.200"));
  t.false(sharesNetwork("fe80::1/64", "192.0.2.200"));
  t.true(sharesNetwork("10.0.0.1/8", "10.255.0.1"));
});

/** A server on this machine, gone when the test ends. */
async function listening(t: ExecutionContext, server: Server | ReturnType<typeof createNetServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

test("over the real transport: refused, silent and not TLS each have their code", async (t) => {
  const { HttpTransport } = await import("../../src/transport/http-transport.ts");
  const plain = await listening(
    t,
    createServer((_, outgoing) => outgoing.end("plain")),
  );
  const sockets = new Set<import("node:net").Socket>();
  const silent = await listening(
    t,
    createNetServer((socket) => {
      sockets.add(socket);
    }),
  );
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const closed = createNetServer();
  const free = await new Promise<number>((resolve) => {
    closed.listen(0, "127.0.0.1", () => {
      const address = closed.address();
      closed.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
  const codeAt = async (port: number) => {
    const results = await run({
      configuration: { ...configuration, platformUrl: `https://127.0.0.1:${port}` },
      transport: (observe) =>
        new HttpTransport({ proxy: null, trust: { certificateAuthorities: [], allowUnknownIssuer: true }, limits: { tlsMs: 300 } }, observe),
      monotonicMs: () => performance.now(),
    });
    return results.find(({ outcome }) => outcome === "failed")?.code;
  };
  t.is(await codeAt(free), "connect-refused");
  t.is(await codeAt(plain), "tls-not-tls");
  t.is(await codeAt(silent), "tls-silent");
});

test("large packets that vanish are told from silence: a handshake of small ones gets through", async (t) => {
  const silent = fails("tls-silent", stage("resolve"), stage("connect"), stage("tls"));
  const tls: TlsFacts = {
    protocol: "TLSv1.3",
    issuer: "x",
    subject: "x",
    fingerprint256: "",
    validFromMs: 0,
    validToMs: 1,
    issuerTrusted: true,
    intercepted: false,
  };
  const facing =
    (small: Way) =>
    (observe: Parameters<Surroundings["transport"]>[0], isSmall = false) =>
      surroundings({}, () => (isSmall ? small : silent)).transport(observe);
  const vanishing = await run({ platform, transport: facing({ ...through, tls }) });
  t.like(
    vanishing.find(({ outcome }) => outcome === "failed"),
    { id: "tls", code: "path-mtu" },
  );
  const alert = fails("tls-failed", stage("resolve"), stage("connect"), stage("tls"));
  const said = new OutriderError("tls-failed", { detail: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" });
  const answered = await run({ platform, transport: facing({ ...alert, error: said }) });
  t.like(
    answered.find(({ outcome }) => outcome === "failed"),
    { id: "tls", code: "path-mtu" },
  );
  const dead = await run({ platform, transport: facing(silent) });
  t.like(
    dead.find(({ outcome }) => outcome === "failed"),
    { id: "tls", code: "tls-silent" },
  );
});

for (const [title, answer, code] of [
  ["answered 413", { status: 413, headers: { "content-type": "text/html" }, content: Buffer.from("<html>") }, "path-upload-limit"],
  ["answered with a web page", { status: 403, headers: { "content-type": "text/html" }, content: Buffer.from("<html>") }, "path-upload-limit"],
  ["cut", new OutriderError("connect-reset"), "path-upload-limit"],
  ["not answered", new OutriderError("service-silent"), "path-mtu"],
  ["refused by the service itself", json, null],
] as const) {
  test(`an upload of a part's size to the results service that is ${title} is ${code ?? "all that is wanted"}`, async (t) => {
    const uploads: string[] = [];
    const transport: Surroundings["transport"] = (observe) => {
      const usual = surroundings({}).transport(observe);
      const request: Transport["request"] = async (asked) => {
        if (asked.method !== "PUT") return usual.request(asked);
        uploads.push(`${asked.url.hostname} ${asked.content.length}`);
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return { ...usual, request };
    };
    const results = await run({ platform, transport });
    t.deepEqual(uploads, ["results.outrider.test 1000000"]);
    t.like(
      results.find(({ id }) => id === "service:results"),
      { outcome: code === null ? "ok" : "failed", code },
    );
    t.true(results.every(({ id, outcome }) => id === "service:results" || outcome !== "failed"));
  });
}
