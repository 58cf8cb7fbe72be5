import test from "ava";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { startWay } from "../testkit/proxies/way.ts";

/** What was asked for is the first that the facts say. */
const asked = /^(?:the proxy does not know|for) platform\.example\.org\b/;
/** Proxies that name the cause to people alone, however the page's length is said. */
const pages: readonly (readonly [string[], string])[] = [
  [["Connection: close"], "Unable to determine IP address from host name platform.example.org"],
  [["Content-Length: 40"], "Network Error (dns_unresolved_hostname)."],
  [["Transfer-Encoding: chunked"], "18\r\n<p>Host Not Found</p>   \r\n0\r\n\r\n"],
  [[], "[Errno -2] Name or service not known"],
  [
    ["Content-Length: 4000"],
    "getaddrinfo ENOTFOUND platform.example.org, and the rest never comes",
  ],
];

const cases: { answer: string; fields?: string[]; code: ErrorCode; detail?: RegExp }[] = [
  {
    answer: "302 Found",
    fields: ["Location: https://login.corp.example:8443/?token=secret&url=x"],
    code: "proxy-login-page",
    detail: /it leads to login\.corp\.example:8443$/,
  },
  {
    answer: "307 Temporary Redirect",
    fields: ["Location: http://192.0.2.9/captive"],
    code: "proxy-login-page",
    detail: /leads to 192\.0\.2\.9$/,
  },
  { answer: "301 Moved", fields: ["Location: /login"], code: "proxy-login-page" },
  { answer: "303 See Other", fields: ["Location: javascript:x"], code: "proxy-login-page" },
  {
    answer: "511 Network Authentication Required",
    code: "proxy-login-page",
    detail: /511 Network Authentication Required/,
  },
  { answer: "404 No such domain", code: "proxy-target-unknown", detail: asked },
  { answer: "404 Unknown host", code: "proxy-target-unknown", detail: asked },
  { answer: "500 Unable to connect", code: "proxy-target-unreachable" },
  { answer: "500 DNS lookup failure", code: "proxy-target-unknown", detail: asked },
  { answer: "500 Name resolution failed", code: "proxy-target-unknown", detail: asked },
  {
    answer: "503 Service Unavailable",
    fields: ["X-Squid-Error: ERR_DNS_FAIL 0"],
    code: "proxy-target-unknown",
    detail: asked,
  },
  {
    answer: "502 Proxy Error ( The host was not found. )",
    code: "proxy-target-unknown",
    detail: asked,
  },
  // RFC 9209 section 2.3.2.
  {
    answer: "502 Bad Gateway",
    fields: ['Proxy-Status: proxy.corp; error=dns_error; rcode="NXDOMAIN"'],
    code: "proxy-target-unknown",
  },
  {
    answer: "502 Bad Gateway",
    fields: ["Proxy-Status: proxy.corp; error=connection_refused"],
    code: "proxy-target-unreachable",
    detail: asked,
  },
  ...pages.map(([fields, page]) => ({
    answer: "503 Service Unavailable",
    fields: [...fields, "", page],
    code: "proxy-target-unknown" as const,
    detail: asked,
  })),
  {
    answer: "503 Service Unavailable",
    fields: ["Connection: close", "", "Connection to 192.0.2.7 failed: (111) refused"],
    code: "proxy-target-unreachable",
    detail: asked,
  },
  {
    answer: "502 Proxy Error ( The specified Secure Sockets Layer (SSL) port is not allowed. )",
    code: "proxy-denied",
  },
  { answer: "400 Blocked by policy", code: "proxy-denied" },
  {
    answer: "200 OK",
    fields: ["X-Squid-Error: ERR_ACCESS_DENIED 0", "Content-Length: 2", "", "no"],
    code: "proxy-protocol",
  },
  { answer: "404 Not Found", code: "proxy-protocol" },
  { answer: "500 Internal Server Error", code: "proxy-protocol" },
  { answer: "400 Bad Request", code: "proxy-protocol" },
];
for (const { answer, fields = [], code, detail = /./ } of cases) {
  test(`a proxy that answers ${answer}${fields[0] ? `, ${fields[0]},` : ""} is ${code}`, async (t) => {
    const head = [`HTTP/1.1 ${answer}`, ...fields].join("\r\n");
    const way = await startWay({ kind: "answer", bytes: `${head}\r\n\r\n` });
    t.teardown(way.close);
    const { error } = await way.probe(way.through(noAuthentication));
    t.is(error?.code, code);
    t.regex(error?.detail ?? "", detail);
    t.notRegex(error?.detail ?? "", /secret/);
  });
}

// RFC 9112 section 2.2.
for (const bytes of ["\nVia: x\n\r\n", "\r\nVia: x\r\n\n", "\nVia: x\n\n"])
  test(`a tunnel whose answer has the line ends ${JSON.stringify(bytes)} is used`, async (t) => {
    const way = await startWay({ kind: "tunnel", answer: `HTTP/1.1 200 OK${bytes}` });
    t.teardown(way.close);
    t.is((await way.probe(way.through(noAuthentication))).error, null);
  });

// RFC 9110 section 9.3.6.
for (const answer of [
  "200 OK\r\nContent-Type: text/html",
  "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 0",
  "200 OK\r\nTransfer-Encoding: chunked",
  "201 Created",
  "204 No Content",
  "299 Whatever\r\nContent-Length: 1234",
]) {
  test(`a tunnel that is opened by ${answer.replaceAll("\r\n", ", ")} is used`, async (t) => {
    const way = await startWay({ kind: "tunnel", answer: `HTTP/1.1 ${answer}\r\n\r\n` });
    t.teardown(way.close);
    t.is((await way.probe(way.through(noAuthentication))).error, null);
  });
}

for (const field of ["Proxy-Authenticate", "WWW-Authenticate"]) {
  test(`401 with ${field} is a question for a log-in`, async (t) => {
    const head = `HTTP/1.1 401 Unauthorized\r\n${field}: Basic realm="x"\r\nContent-Length: 0`;
    const way = await startWay({ kind: "answer", bytes: `${head}\r\n\r\n` });
    t.teardown(way.close);
    const without = await way.probe(way.through(noAuthentication));
    t.is(without.error?.code, "proxy-authentication-required");
    t.regex(without.error?.detail ?? "", /offers basic/);
    const refused = await way.probe(way.through(basicAuthentication("anna", "x")));
    t.is(refused.error?.code, "proxy-authentication-failed");
    t.is(way.proxy.requests.length, 2);
  });
}
