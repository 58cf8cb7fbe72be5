import test from "ava";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { probePath } from "../../src/transport/path.ts";
import type { ProxyAuthentication } from "../../src/transport/proxy/authentication.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { defaultStageLimits, type StageLimits } from "../../src/transport/stages/limits.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { type ProxyMode, startProxy } from "../testkit/proxies/proxy.ts";
import { freePort } from "../testkit/proxies/way.ts";

const password = "k7-very-secret";
const basic = basicAuthentication("scanner", password);
/** Only a proxy that stays silent for ever runs into a limit. */
const limits = (code: ErrorCode): StageLimits => ({
  ...patientLimits,
  ...(code === "proxy-silent" ? { proxyMs: 500 } : {}),
  ...(code === "tls-silent" ? { tlsMs: 500 } : {}),
});

const cases: {
  title: string;
  mode: ProxyMode;
  authentication?: ProxyAuthentication;
  code: ErrorCode;
  detail?: RegExp;
}[] = [
  { title: "stays silent", mode: { kind: "silent" }, code: "proxy-silent" },
  {
    title: "closes instead of answering",
    mode: { kind: "close" },
    code: "proxy-protocol",
    detail: /closed/,
  },
  { title: "drips its answer", mode: { kind: "drip" }, code: "proxy-silent" },
  {
    title: "sends a header without end",
    mode: { kind: "endless-header" },
    code: "proxy-protocol",
    detail: /header/,
  },
  {
    title: "is not HTTP",
    mode: { kind: "answer", bytes: "SSH-2.0-OpenSSH_9.2\r\n" },
    code: "proxy-protocol",
    detail: /not an HTTP/,
  },
  {
    title: "answers with a web page",
    mode: {
      kind: "answer",
      bytes: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Welcome</html>",
    },
    code: "proxy-protocol",
    detail: /content instead of a tunnel/,
  },
  {
    title: "says 200 and goes on with content",
    mode: { kind: "answer", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
    code: "proxy-protocol",
  },
  {
    title: "says 403",
    mode: { kind: "answer", bytes: "HTTP/1.1 403 Forbidden\r\n\r\n" },
    code: "proxy-denied",
    detail: /403 Forbidden/,
  },
  {
    title: "says 502",
    mode: { kind: "answer", bytes: "HTTP/1.1 502 Bad Gateway\r\n\r\n" },
    code: "proxy-target-unreachable",
  },
  {
    title: "says 504 after an interim answer",
    mode: { kind: "answer", bytes: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 504 x\r\n\r\n" },
    code: "proxy-target-unreachable",
  },
  {
    title: "wants a log-in and none is set",
    mode: { kind: "offer", challenges: ['Basic realm="x"', "NTLM"] },
    code: "proxy-authentication-required",
    detail: /basic, ntlm/,
  },
  {
    title: "refuses the log-in",
    mode: { kind: "offer", challenges: ['Basic realm="x"'] },
    authentication: basic,
    code: "proxy-authentication-failed",
  },
  {
    title: "offers only other ways to log in",
    mode: { kind: "offer", challenges: ['Digest realm="x", nonce="a,b", qop="auth"', "Negotiate"] },
    authentication: basic,
    code: "proxy-scheme-unsupported",
    detail: /digest, negotiate; basic is set/,
  },
  {
    title: "opens a tunnel that swallows everything",
    mode: { kind: "silent-tunnel" },
    code: "tls-silent",
  },
];

for (const { title, mode, authentication = noAuthentication, code, detail } of cases) {
  test(`a proxy that ${title} is ${code}`, async (t) => {
    const proxy = await startProxy(mode);
    t.teardown(() => proxy.close());
    const options = {
      proxy: { host: "127.0.0.1", port: proxy.port, authentication },
      trust: { certificateAuthorities: [], allowUnknownIssuer: false },
      limits: limits(code),
    };
    const { error, stages } = await probePath(new URL("https://platform.example.org"), options);
    t.is(error?.code, code);
    t.regex(error?.detail ?? "", detail ?? /./);
    t.is(stages.at(-1)?.outcome, "failed");
    const shown = JSON.stringify({ stages, message: error?.message, detail: error?.detail });
    t.false(
      shown.includes(password) ||
        shown.includes(Buffer.from(`scanner:${password}`).toString("base64")),
      "no password in what is shown",
    );
  });
}

test("a proxy whose name does not exist is proxy-unresolved, one that refuses connections is proxy-unreachable", async (t) => {
  const trust = { certificateAuthorities: [], allowUnknownIssuer: false };
  const refused = await probePath(new URL("https://platform.example.org"), {
    proxy: { host: "127.0.0.1", port: await freePort(), authentication: noAuthentication },
    trust,
    limits: patientLimits,
  });
  t.is(refused.error?.code, "proxy-unreachable");
  const { OutriderError } = await import("../../src/base/messages/error.ts");
  const unresolved = await probePath(new URL("https://platform.example.org"), {
    proxy: { host: "proxy.example.org", port: 3128, authentication: noAuthentication },
    trust,
    resolve: () =>
      Promise.reject(new OutriderError("dns-not-found", { detail: "proxy.example.org" })),
  });
  t.is(unresolved.error?.code, "proxy-unresolved");
});

test("each silent hop is named within 15 s, even when every stage before it is as slow as it may be", (t) => {
  const { resolveMs, connectMs, proxyMs, tlsMs, wholeMs } = defaultStageLimits;
  t.true(resolveMs + connectMs + proxyMs + tlsMs <= 15_000);
  t.true(wholeMs < 15_000);
});

test("where no DNS server answers for the proxy's name, it is not said that the name does not exist", async (t) => {
  const { error } = await probePath(new URL("https://platform.example.org"), {
    proxy: { host: "proxy.example.org", port: 3128, authentication: noAuthentication },
    trust: { certificateAuthorities: [], allowUnknownIssuer: false },
    resolve: () => new Promise(() => undefined),
    limits: { ...patientLimits, resolveMs: 50 },
  });
  t.is(error?.code, "dns-silent");
  t.regex(error?.detail ?? "", /proxy\.example\.org/);
});
