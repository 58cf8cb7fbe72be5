import test, { type ExecutionContext } from "ava";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { ToolAnswer } from "../../src/configd/api/tool-shapes.ts";
import type { ToolTask } from "../../src/configd/api/tool-task.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import { peekTls } from "../../src/tools/tls/tls.ts";
import {
  makeTestAuthority,
  type ServerCertificate,
  type TestAuthority,
} from "../testkit/proxies/certificates.ts";
import { type HelloFault, startHelloRelay } from "../testkit/proxies/hello-relay.ts";
import { startOrigin } from "../testkit/proxies/origin.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";

const host = "platform.example.org";
const day = 24 * 60 * 60_000;
/** For silence, which is waited for: a busy machine still answers within half of it. */
const silenceMs = 10_000;

interface Wishes {
  trusted?: readonly TestAuthority[];
  platform?: TestAuthority;
  name?: string;
  proxy?: ProxySettings;
  password?: string;
  direct?: boolean;
  callsHome?: boolean;
  tlsMs?: number;
}

async function peek(port: number, wishes: Wishes = {}): Promise<ToolAnswer> {
  const request = {
    tool: "tls" as const,
    role: "lan" as const,
    target: wishes.name ?? host,
    port,
    direct: wishes.direct ?? false,
  };
  const task: ToolTask = {
    request,
    device: "lo",
    servers: [],
    callsHome: wishes.callsHome ?? true,
    platformUrl: null,
    proxy: wishes.proxy ?? { kind: "none" },
    trustedCertificates: (wishes.trusted ?? []).map(({ certificate }) => certificate),
  };
  const platform = wishes.platform ? { certificateAuthorities: wishes.platform.certificate } : null;
  return peekTls(
    request,
    task,
    {
      proxyPassword: wishes.password ?? null,
      platform,
      resolve: async () => ["127.0.0.1"],
      limits: { ...patientLimits, tlsMs: wishes.tlsMs ?? patientLimits.tlsMs },
    },
    new AbortController().signal,
  );
}

async function serve(
  t: ExecutionContext,
  certificate: ServerCertificate,
  fault: HelloFault = "none",
): Promise<number> {
  const origin = await startOrigin(certificate, (_, reply) => void reply.end("{}"));
  t.teardown(() => origin.close());
  const relay = await startHelloRelay(origin.port, fault);
  t.teardown(() => relay.close());
  return relay.port;
}

const linesOf = ({ lines }: ToolAnswer) => lines.map((line) => describeFacts(line)).join("\n");

test("a host shows its chain, dates, keys, and what was agreed on", async (t) => {
  const root = await makeTestAuthority("Example Root");
  const middle = await root.subordinate("Example Sub CA");
  const answer = await peek(await serve(t, await middle.issue([host])), { trusted: [root] });
  t.is(answer.outcome, "ok");
  t.regex(
    describeFacts(answer.verdict) ?? "",
    /^platform\.example\.org shows a certificate of Example Sub CA, valid until \d{4}-\d\d-\d\d, by TLSv1\.3 with X25519MLKEM768$/,
  );
  const lines = linesOf(answer);
  t.regex(lines, /^TLSv1\.3, TLS_AES_256_GCM_SHA384, key agreement X25519MLKEM768$/m);
  t.regex(lines, /^certificate 1: .*, issued by Example Sub CA$/m);
  t.regex(lines, /^certificate 2: Example Sub CA, issued by Example Root$/m);
  t.regex(lines, /^for platform\.example\.org$/m);
  t.regex(lines, /^key (?:ec|rsa) \S+, signed with \S+$/m);
  t.regex(lines, /^SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/m);
  t.deepEqual(answer.contacted, ["127.0.0.1"]);
});

test("a certificate that the agent would refuse is shown with what is wrong with it", async (t) => {
  const root = await makeTestAuthority("Example Root");
  const dates = { fromMs: Date.now() - 900 * day, toMs: Date.now() - 10 * day };
  const expired = await peek(await serve(t, await root.issue([host], dates)), { trusted: [root] });
  t.is(expired.code, "tls-expired");
  t.regex(linesOf(expired), /^certificate 1: /m);
  const port = await serve(t, await root.issue([host]));
  const other = await peek(port, { trusted: [root], name: "other.example.org" });
  t.is(other.code, "tls-name-mismatch");
  t.regex(linesOf(other), /^for platform\.example\.org$/m);
  const stranger = await peek(port);
  t.like(stranger, { outcome: "warning", code: "tls-untrusted" });
  const platform = await makeTestAuthority("Platform CA");
  t.is((await peek(port, { platform })).code, "tls-intercepted");
  const added = await peek(port, { platform, trusted: [root] });
  t.like(added, { outcome: "warning", code: "tls-intercepted" });
  t.is((await peek(port, { platform: root })).outcome, "ok");
});

for (const fault of ["swallows", "resets"] as const)
  test(`a device that ${fault} a long ClientHello is passed as the agent passes it, and named`, async (t) => {
    const root = await makeTestAuthority("Example Root");
    const port = await serve(t, await root.issue([host]), fault);
    const answer = await peek(port, {
      trusted: [root],
      ...(fault === "swallows" && { tlsMs: silenceMs }),
    });
    t.like(answer, { outcome: "warning", code: "tls-hello-large" });
    t.regex(linesOf(answer), /key agreement X25519$/m);
  });

test("it goes through the proxy of the settings with its login, and past it where that is asked for", async (t) => {
  const root = await makeTestAuthority("Example Root");
  const port = await serve(t, await root.issue([host]));
  const proxy = await startProxy(
    { kind: "tunnel", credentials: { user: "appliance", password: "secret" } },
    () => ({ host: "127.0.0.1", port }),
  );
  t.teardown(() => proxy.close());
  const set = {
    ...defaultHttpProxy,
    host: "proxy.example.org",
    port: proxy.port,
    user: "appliance",
  };
  const through = { trusted: [root], proxy: set, password: "secret" };
  const answer = await peek(443, through);
  t.is(answer.outcome, "ok", JSON.stringify(answer));
  t.is(describeFacts(answer.lines[0] ?? []), `through proxy.example.org:${proxy.port}`);
  t.false(JSON.stringify(answer).includes("secret"));
  const wrong = await peek(443, { ...through, password: "other" });
  t.is(wrong.code, "proxy-authentication-failed");
  const before = proxy.connections();
  t.is((await peek(port, { ...through, direct: true })).outcome, "ok");
  // The scanned side has no proxy: that is of the other one.
  t.is((await peek(port, { ...through, callsHome: false })).outcome, "ok");
  t.is(proxy.connections(), before);
});

test("what is no TLS, and nothing at all, have codes of their own", async (t) => {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => socket.resume().end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  t.is((await peek(port)).code, "tls-not-tls");
  await new Promise((resolve) => server.close(resolve));
  t.is((await peek(port)).code, "connect-refused");
});
