import { createServer, type IncomingHttpHeaders } from "node:http";
import test from "ava";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { HttpTransport } from "../../src/transport/http-transport.ts";
import { fetchPacScript } from "../../src/transport/pac/fetch-script.ts";
import { probePath } from "../../src/transport/path.ts";
import { automaticAuthentication } from "../../src/transport/proxy/automatic.ts";
import { basicAuthentication } from "../../src/transport/proxy/basic.ts";
import { noAuthentication } from "../../src/transport/proxy/none.ts";
import { patientMs } from "../testkit/patience.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { ntlmGate } from "../testkit/proxies/logins.ts";
import { closeAll, listen, portOf, startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { hasSquid, startSquid } from "../testkit/proxies/squid.ts";
import { startDestination, startWay } from "../testkit/proxies/way.ts";

const known = { user: "scanner", password: "hush-hush" };
/** RFC 9110 section 10.1.5: a product and its version. */
const form = /^Outrider\/[\w.+-]+$/;
const ofHead = (head: string) => /^User-Agent: (.*)$/im.exec(head)?.[1]?.trim() ?? "";

test("each CONNECT of a log-in names this program", async (t) => {
  const way = await startWay({ kind: "gates", gates: [ntlmGate({ ...known, domain: "LAB" })] });
  t.teardown(way.close);
  const login = automaticAuthentication(
    { credentials: known, negotiateToken: null },
    systemRandom,
    systemClock,
  );
  t.is((await way.probe(way.through(login))).error, null);
  t.is(way.proxy.requests.length, 3);
  for (const head of way.proxy.requests) t.regex(ofHead(head), form);
});

test("so do a CONNECT without a log-in and one with Basic", async (t) => {
  const way = await startWay({ kind: "tunnel" });
  t.teardown(way.close);
  await way.probe(way.through(noAuthentication));
  await way.probe(way.through(basicAuthentication("anna", "x")));
  for (const head of way.proxy.requests) t.regex(ofHead(head), form);
});

test("so does the fetch of a PAC file, also behind a redirect", async (t) => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, reply) => {
    seen.push(request.headers["user-agent"]);
    if (request.url === "/wpad.dat") reply.writeHead(302, { location: "/proxy.pac" }).end();
    else reply.end("function FindProxyForURL() { return 'DIRECT' }");
  });
  await listen(server);
  t.teardown(() => closeAll(server, []));
  const port = portOf(server.address());
  await fetchPacScript(
    `http://127.0.0.1:${port}/wpad.dat`,
    {
      resolve: async (host) => [host],
      trust: { certificateAuthorities: [], allowUnknownIssuer: false },
      nowMs: Date.now,
      limitMs: patientMs,
    },
    new AbortController().signal,
  );
  t.is(seen.length, 2);
  for (const each of seen) t.regex(each ?? "", form);
});

async function startServer(validity?: { fromMs: number; toMs: number }) {
  const authority = await makeTestAuthority();
  const seen: IncomingHttpHeaders[] = [];
  const origin = await startOrigin(
    await authority.issue(["platform.example.org"], validity),
    (request, reply) => {
      seen.push(request.headers);
      request.resume();
      reply.end("{}");
    },
  );
  const options = {
    proxy: null,
    trust: { certificateAuthorities: [authority.certificate], allowUnknownIssuer: false },
    resolve: async () => ["127.0.0.1"],
    limits: patientLimits,
  };
  return { origin, seen, options, url: new URL(`https://platform.example.org:${origin.port}/`) };
}

test("so do the requests to a service, small, large and with a name of their own", async (t) => {
  const { origin, seen, options, url } = await startServer();
  t.teardown(() => origin.close());
  const transport = new HttpTransport(options);
  t.teardown(() => transport.close());
  const request = { url, headers: {}, limitMs: patientMs };
  await transport.request({ ...request, method: "GET", content: new Uint8Array() });
  await transport.request({ ...request, method: "PUT", content: new Uint8Array(3_000_000) });
  await transport.request({
    ...request,
    headers: { "user-agent": "Outrider/own" },
    method: "POST",
    content: new Uint8Array(1),
  });
  t.is(seen.length, 3);
  for (const headers of seen) t.regex(headers["user-agent"] ?? "", form);
  t.is(seen[2]?.["user-agent"], "Outrider/own");
});

test("so does the question for the time of a server whose certificate has expired", async (t) => {
  const day = 24 * 60 * 60_000;
  const { origin, seen, options, url } = await startServer({
    fromMs: Date.now() - 9 * day,
    toMs: Date.now() - day,
  });
  t.teardown(() => origin.close());
  t.is((await probePath(url, options)).error?.code, "tls-expired");
  t.is(seen.length, 1);
  t.regex(seen[0]?.["user-agent"] ?? "", form);
});

(hasSquid ? test.serial : test.serial.skip)(
  "a squid that refuses requests without a User-Agent lets it through",
  async (t) => {
    const squid = await startSquid({
      lines: [
        "acl named req_header User-Agent .",
        "http_access deny !named",
        "http_access allow all",
      ],
    });
    t.teardown(squid.close);
    const { probe, origin } = await startDestination();
    t.teardown(() => origin.close());
    const { error } = await probe(
      { host: "proxy.example.org", port: squid.port, authentication: noAuthentication },
      {},
      new URL(`https://platform.example.org:${origin.port}`),
    );
    t.is(error, null);
  },
);
