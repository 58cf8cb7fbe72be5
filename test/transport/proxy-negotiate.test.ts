import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { gssClientToken } from "../../src/transport/proxy/gss-client-token.ts";
import { negotiateAuthentication } from "../../src/transport/proxy/negotiate.ts";
import { negotiateGate } from "../testkit/proxies/logins.ts";
import { startWay, until } from "../testkit/proxies/way.ts";

const never = new AbortController().signal;

test("a token is requested only when the proxy offers negotiate, and sent at once for the next tunnel", async (t) => {
  const gate = negotiateGate(["Zmlyc3Q=", "c2Vjb25k"]);
  const way = await startWay({ kind: "gates", gates: [gate] });
  t.teardown(way.close);
  const tokens = ["Zmlyc3Q=", "c2Vjb25k"];
  const principals: string[] = [];
  const proxy = way.through(
    negotiateAuthentication(async (principal) => {
      principals.push(principal);
      return tokens.shift() ?? "";
    }),
  );
  t.is((await way.probe(proxy)).error, null);
  t.is((await way.probe(proxy)).error, null);
  t.deepEqual(gate.tokens, ["Zmlyc3Q=", "c2Vjb25k"]);
  t.deepEqual(principals, ["HTTP/proxy.example.org", "HTTP/proxy.example.org"]);
  t.is(way.proxy.requests.length, 3);
});

test("no token is made for a proxy that does not offer negotiate", async (t) => {
  const way = await startWay({ kind: "offer", challenges: ["NTLM"] });
  t.teardown(way.close);
  const { error } = await way.probe(
    way.through(negotiateAuthentication(async () => t.fail() && "")),
  );
  t.is(error?.code, "proxy-scheme-unsupported");
  t.is(error?.detail, "it offers ntlm; negotiate is set");
});

test("a refused ticket is proxy-authentication-failed, a request for a second step is named", async (t) => {
  const way = await startWay({ kind: "offer", challenges: ["Negotiate"] });
  t.teardown(way.close);
  const proxy = way.through(negotiateAuthentication(async () => "dGlja2V0"));
  t.is((await way.probe(proxy)).error?.code, "proxy-authentication-failed");
  way.proxy.mode = { kind: "offer", challenges: ["Negotiate bW9yZQ=="] };
  const { error } = await way.probe(proxy);
  t.is(error?.code, "proxy-challenge-unsupported");
  t.regex(error?.detail ?? "", /second step/);
});

test("a helper that takes too long is ended by the stage's limit", async (t) => {
  const way = await startWay({ kind: "offer", challenges: ["Negotiate"] });
  t.teardown(way.close);
  const helper = (_: string, signal: AbortSignal) =>
    new Promise<string>((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason)),
    );
  const { error, stages } = await way.probe(way.through(negotiateAuthentication(helper)), {
    limits: { proxyMs: 300 },
  });
  t.is(error?.code, "proxy-silent");
  t.is(stages.at(-1)?.stage, "proxy");
});

/**
 * A program that speaks to the port as gss-client does, and then does `body`. Its socket is
 * `socket`.
 */
async function fakeClient(t: ExecutionContext, body: string): Promise<string> {
  const folder = await mkdtemp("/tmp/outrider-gss-");
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, "gss-client");
  await writeFile(
    program,
    `#!${process.execPath}\nconst socket = require("node:net").connect(Number(process.argv[3]), "127.0.0.1", () => {\n${body}\n});\n`,
  );
  await chmod(program, 0o700);
  return program;
}

const codeOf = (error: unknown) =>
  error instanceof OutriderError ? [error.code, error.detail] : error;

test("the token is read out of the frames, however they come", async (t) => {
  const program = await fakeClient(
    t,
    `const frames = Buffer.concat([Buffer.from([17, 0, 0, 0, 0, 2, 0, 0, 0, 5]), Buffer.from("token")]);
     let sent = 0;
     const timer = setInterval(() => sent < frames.length ? socket.write(frames.subarray(sent, ++sent)) : clearInterval(timer), 1);`,
  );
  t.is(
    await gssClientToken({ program, environment: {} })("HTTP/proxy.example.org", never),
    Buffer.from("token").toString("base64"),
  );
});

for (const [title, body, detail] of [
  ["sends a token without end", "socket.write(Buffer.from([2, 255, 255, 255, 255]))", /too long/],
  [
    "says its fault and ends",
    `console.error("GSS-API error initializing context: No key table entry found"); process.exit(1)`,
    /^No key table entry found$/,
  ],
  ["ends without a word", "process.exit(3)", /ended with 3/],
] as const) {
  test(`a gss-client that ${title} is proxy-helper-failed`, async (t) => {
    const program = await fakeClient(t, body);
    const [code, said] = [
      codeOf(await t.throwsAsync(gssClientToken({ program, environment: {} })("HTTP/x", never))),
    ].flat();
    t.is(code, "proxy-helper-failed");
    t.regex(String(said), detail);
  });
}

test("a gss-client that hangs is killed when the stage is stopped, and one that is not there is named", async (t) => {
  const program = await fakeClient(
    t,
    `require("node:fs").writeFileSync(__filename + ".pid", process.pid + "\\n"); socket.write("x")`,
  );
  const stop = new AbortController();
  const asked = gssClientToken({ program, environment: {} })("HTTP/x", stop.signal);
  asked.catch(() => undefined);
  const written = () =>
    existsSync(`${program}.pid`) ? readFileSync(`${program}.pid`, "utf8") : "";
  await until(() => written().endsWith("\n"));
  const reason = new Error("enough");
  stop.abort(reason);
  t.is(await t.throwsAsync(asked), reason);
  await until(() => !existsSync(`/proc/${written().trim()}`));
  const missing = await t.throwsAsync(
    gssClientToken({ program: "/nonexistent", environment: {} })("HTTP/x", never),
  );
  t.regex(String(codeOf(missing)), /proxy-helper-failed.*ENOENT/);
});
