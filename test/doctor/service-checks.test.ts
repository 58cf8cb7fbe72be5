import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import type { Transport, TransportReply } from "../../src/transport/http-transport.ts";
import type { TlsFacts } from "../../src/transport/stages/certificate.ts";
import { patientMs } from "../testkit/patience.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { freePort } from "../testkit/proxies/way.ts";
import {
  configuration,
  facts,
  fails,
  json,
  listening,
  platform,
  proxied,
  run,
  short,
  stage,
  surroundings,
  through,
  type Way,
} from "./surroundings.ts";

test("HTML in place of a service's reply is a block page, status 5xx an error of the service", async (t) => {
  const answer = async (reply: Partial<TransportReply>): Promise<CheckResult[]> =>
    (await run({}, () => ({ ...through, reply: { ...json, ...reply } }))).filter(
      ({ check }) => check === "service",
    );
  t.is(
    (await answer({ headers: { "content-type": "text/html" }, content: Buffer.from("<html>") })).at(
      -1,
    )?.code,
    "service-block-page",
  );
  t.is(
    (await answer({ headers: {}, content: Buffer.from("\n <!DOCTYPE html>") })).at(-1)?.code,
    "service-block-page",
  );
  t.is(
    (
      await answer({
        status: 502,
        headers: { "content-type": "text/plain" },
        content: Buffer.from("bad"),
      })
    ).at(-1)?.code,
    "service-error",
  );
  t.is((await answer({ status: 200 })).at(-1)?.outcome, "ok");
});

test("interception is a warning with the issuer's name, and the fault where it is not allowed", async (t) => {
  const between: Way = {
    ...through,
    tls: { ...facts, issuer: "Inspection CA", intercepted: true },
  };
  const allowed = (await run({ platform }, () => between)).find(({ id }) => id === "tls");
  t.is(`${allowed?.outcome} ${allowed?.code}`, "warning tls-intercepted");
  t.regex(allowed?.detail ?? "", /Inspection CA/);
  const results = await run({ platform }, () =>
    fails("tls-intercepted", stage("resolve"), stage("connect"), stage("tls")),
  );
  t.true(short(results).includes("tls failed tls-intercepted"));
  t.is(
    results.filter(({ check, outcome }) => check === "service" && outcome === "skipped").length,
    5,
  );
});

test("a wrong clock is reported apart from a bad certificate, and as a warning where the agent corrects for it", async (t) => {
  const dated = (date: string): Way => ({
    ...through,
    reply: { ...json, headers: { ...json.headers, date } },
  });
  const clockOf = async (way: Way) => (await run({}, () => way)).find(({ id }) => id === "clock");
  t.like(await clockOf(dated("Thu, 01 Jan 2026 00:00:20 GMT")), {
    outcome: "ok",
    detail: "20 s behind the platform's; set by a time server",
  });
  t.like(await clockOf(dated("Thu, 01 Jan 2026 01:00:00 GMT")), {
    outcome: "warning",
    code: "clock-wrong",
  });
  t.like(await clockOf(dated("rubbish")), { outcome: "skipped" });
  const results = await run({}, () =>
    fails("tls-clock", stage("resolve"), stage("connect"), stage("tls")),
  );
  t.like(
    results.find(({ outcome }) => outcome === "failed"),
    { id: "tls", code: "tls-clock" },
  );
  t.like(
    results.find(({ id }) => id === "clock"),
    { id: "clock", outcome: "failed", code: "clock-wrong" },
  );
});

test("an error that a firewall may cause comes with the rule to ask for", async (t) => {
  const resolved = stage("resolve", null, [
    fact("name-found", { host: "platform.outrider.test", addresses: "198.51.100.10" }),
  ]);
  const silent: Way = {
    stages: [resolved, stage("connect", "connect-silent")],
    error: new OutriderError("connect-silent", { detail: "198.51.100.10 port 443" }),
  };
  const service = (await run({}, () => silent)).find(({ check }) => check === "service");
  t.regex(
    service?.detail ?? "",
    /rule to ask for: allow TCP from 192\.0\.2\.10 to platform\.outrider\.test \(198\.51\.100\.10\) port 443$/,
  );
  const proxy = await run({ configuration: proxied }, () =>
    fails("proxy-unreachable", stage("resolve"), stage("connect")),
  );
  t.regex(
    proxy.find(({ id }) => id === "proxy")?.detail ?? "",
    /to proxy\.outrider\.test port 3128$/,
  );
});

test("over the real transport, refused, silent and not TLS have codes of their own", async (t) => {
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
  const codeAt = async (port: number, tlsMs = patientMs) => {
    const results = await run({
      configuration: { ...configuration, platformUrl: `https://127.0.0.1:${port}` },
      transport: (observe) =>
        new HttpTransport(
          {
            proxy: null,
            trust: { certificateAuthorities: [], allowUnknownIssuer: true },
            limits: { ...patientLimits, tlsMs },
          },
          observe,
        ),
      monotonicMs: () => performance.now(),
    });
    return results.find(({ outcome }) => outcome === "failed")?.code;
  };
  t.is(await codeAt(await freePort()), "connect-refused");
  t.is(await codeAt(plain), "tls-not-tls");
  t.is(await codeAt(silent, 300), "tls-silent");
});

test("lost large packets are reported apart from silence, since a handshake of small ones gets through", async (t) => {
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
    classicalOnly: false,
  };
  const facing =
    (small: Way) =>
    (...[observe, hello]: Parameters<Surroundings["transport"]>) =>
      surroundings({}, () => (hello === "small" ? small : silent)).transport(observe);
  const vanishing = await run({ platform, transport: facing({ ...through, tls }) });
  t.like(
    vanishing.find(({ outcome }) => outcome === "failed"),
    { id: "tls", code: "path-mtu" },
  );
  const alert = fails("tls-failed", stage("resolve"), stage("connect"), stage("tls"));
  const said = new OutriderError("tls-failed", {
    detail: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
  });
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
  [
    "answered 413",
    { status: 413, headers: { "content-type": "text/html" }, content: Buffer.from("<html>") },
    "path-upload-limit",
  ],
  [
    "answered with a web page",
    { status: 403, headers: { "content-type": "text/html" }, content: Buffer.from("<html>") },
    "path-upload-limit",
  ],
  ["cut", new OutriderError("connect-reset"), "path-upload-limit"],
  ["not answered", new OutriderError("service-silent"), "path-mtu"],
  ["refused by the service itself", json, null],
] as const) {
  test(`an upload of a part's size to the results service that is ${title} is ${code ?? "ok"}`, async (t) => {
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
    t.deepEqual(uploads, [
      "results.outrider.test 250000",
      ...(code === null ? ["results.outrider.test 4000000"] : []),
      ...(code === "path-mtu" ? ["results.outrider.test 16000"] : []),
    ]);
    t.like(
      results.find(({ id }) => id === "service:results"),
      { outcome: code === null ? "ok" : "failed", code },
    );
    t.true(results.every(({ id, outcome }) => id === "service:results" || outcome !== "failed"));
  });
}

for (const [title, large, milliseconds, sizes, code, told] of [
  ["passes both", json, 10, [250_000, 4_000_000], null, /also to an upload of 4 MB/],
  [
    "answers the small one only",
    new OutriderError("service-silent"),
    10,
    [250_000, 4_000_000],
    "path-upload-limit",
    /an upload of 4 MB to \S+ was not answered; one of 0\.25 MB was/,
  ],
  [
    "cuts the large one",
    new OutriderError("connect-reset"),
    10,
    [250_000, 4_000_000],
    "path-upload-limit",
    /an upload of 4 MB to \S+ was cut/,
  ],
  [
    "refuses the large one",
    { ...json, status: 413 },
    10,
    [250_000, 4_000_000],
    "path-upload-limit",
    /an upload of 4 MB to \S+ was answered 413/,
  ],
  ["is slow", json, 200, [250_000], null, /also to an upload of 0\.25 MB/],
  ["is slower", json, 400, [250_000], null, /also to an upload of 0\.25 MB/],
] as const)
  test(`a path that ${title} of a small and a large upload is ${code ?? "ok"}`, async (t) => {
    const uploads: number[] = [];
    let nowMs = 0;
    const transport: Surroundings["transport"] = (observe) => {
      const usual = surroundings({}).transport(observe);
      const request: Transport["request"] = async (asked) => {
        if (asked.method !== "PUT") return usual.request(asked);
        uploads.push(asked.content.length);
        nowMs += milliseconds;
        const answer = asked.content.length > 1e6 ? large : json;
        if (answer instanceof Error) throw answer;
        return answer;
      };
      return { ...usual, request };
    };
    const results = await run({ platform, transport, monotonicMs: () => nowMs });
    t.deepEqual<readonly number[], readonly number[]>(uploads, sizes);
    const found = results.find(({ id }) => id === "service:results");
    t.is(found?.code, code);
    t.regex(found?.detail ?? "", told);
  });

test("a line that is too slow for a quarter of a megabyte works, and loses no packets of full size", async (t) => {
  const uploads: number[] = [];
  const transport: Surroundings["transport"] = (observe) => {
    const usual = surroundings({}).transport(observe);
    const request: Transport["request"] = async (asked) => {
      if (asked.method !== "PUT") return usual.request(asked);
      uploads.push(asked.content.length);
      if (asked.content.length > 100_000) throw new OutriderError("service-silent");
      return json;
    };
    return { ...usual, request };
  };
  const results = await run({ platform, transport });
  t.deepEqual(uploads, [250_000, 16_000]);
  const found = results.find(({ id }) => id === "service:results");
  t.is(found?.outcome, "ok");
  t.regex(found?.detail ?? "", /also to an upload of 0\.016 MB/);
});
