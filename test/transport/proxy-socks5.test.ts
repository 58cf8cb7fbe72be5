import { execFile, spawn, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import fc from "fast-check";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { describeFacts, fact } from "../../src/base/messages/facts.ts";
import {
  connectRequest,
  passwordRequest,
  replyFailure,
} from "../../src/transport/proxy/socks5-messages.ts";
import { type SocksMode, startSocksProxy } from "../testkit/proxies/socks5.ts";
import { freePort, listening, startDestination, until } from "../testkit/proxies/way.ts";

const run = promisify(execFile);
const credentials = { user: "scänner", password: "p:ss wörd" };

async function start(mode: SocksMode) {
  const destination = await startDestination();
  const proxy = await startSocksProxy(mode, () => ({
    host: "127.0.0.1",
    port: destination.origin.port,
  }));
  const close = async () => {
    await proxy.close();
    await destination.origin.close();
  };
  return {
    ...destination,
    proxy,
    through: { kind: "socks5", host: "proxy.example.org", port: proxy.port } as const,
    close,
  };
}

test("requests are as RFC 1928 section 4 and RFC 1929 section 2 write them", (t) => {
  t.is(
    connectRequest("platform.example.org", 443)?.toString("hex"),
    `05010003${"14"}${Buffer.from("platform.example.org").toString("hex")}01bb`,
  );
  t.is(connectRequest("192.0.2.1", 8443)?.toString("hex"), "05010001c000020120fb");
  t.is(
    connectRequest("2001:db8::1:0", 443)?.toString("hex"),
    "0501000420010db800000000000000000001000001bb",
  );
  t.is(
    connectRequest("::ffff:192.0.2.1", 443)?.toString("hex"),
    "0501000400000000000000000000ffffc000020101bb",
  );
  t.is(passwordRequest("ab", "c")?.toString("hex"), "010261620163");
  for (const [user, password] of [
    ["", "c"],
    ["a", ""],
    ["x".repeat(256), "c"],
    ["a", "é".repeat(128)],
  ] as const)
    t.is(passwordRequest(user, password), null);
});

for (const mode of [
  { kind: "serve" },
  { kind: "serve", credentials },
  { kind: "serve", bound: "name" },
  { kind: "serve", bound: "ipv6" },
  { kind: "drip" },
] satisfies SocksMode[]) {
  test(`a SOCKS5 proxy that does ${JSON.stringify(mode)} resolves the name and connects`, async (t) => {
    const { fetch, probe, proxy, through, close } = await start(mode);
    t.teardown(close);
    t.regex(await fetch({ ...through, credentials }), /the page$/);
    t.deepEqual(proxy.asked, ["name platform.example.org 443"]);
    const { stages } = await probe({ ...through, credentials });
    t.regex(
      stages.find(({ stage }) => stage === "proxy")?.detail ?? "",
      mode.kind === "serve" && mode.credentials ? /user and password$/ : /no login$/,
    );
  });
}

const faults: {
  title: string;
  mode: SocksMode;
  login?: boolean;
  code: ErrorCode;
  detail?: RegExp;
}[] = [
  {
    title: "stays silent",
    mode: { kind: "silent" },
    code: "proxy-silent",
    detail: /SOCKS5 for platform\.example\.org:443/,
  },
  { title: "hangs up", mode: { kind: "close" }, code: "proxy-protocol", detail: /closed/ },
  {
    title: "is an HTTP server",
    mode: { kind: "bytes", bytes: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") },
    code: "proxy-protocol",
    detail: /HTTP server/,
  },
  {
    title: "speaks SOCKS4",
    mode: { kind: "bytes", bytes: Buffer.from([0, 91]) },
    code: "proxy-protocol",
    detail: /SOCKS4/,
  },
  {
    title: "replies with an unknown kind of address",
    mode: { kind: "bytes", bytes: Buffer.from([5, 0, 5, 0, 0, 9, 0, 0]) },
    code: "proxy-protocol",
    detail: /type 9/,
  },
  {
    title: "answers the request as another version",
    mode: { kind: "bytes", bytes: Buffer.from([5, 0, 4, 0, 0, 1]) },
    code: "proxy-protocol",
    detail: /SOCKS5/,
  },
  {
    title: "chooses GSS-API",
    mode: { kind: "method", method: 1 },
    code: "proxy-protocol",
    detail: /method 1/,
  },
  {
    title: "wants a login that is not set",
    mode: { kind: "serve", credentials },
    code: "proxy-authentication-required",
  },
  {
    title: "chooses a login that is not set",
    mode: { kind: "method", method: 2 },
    code: "proxy-authentication-required",
  },
  {
    title: "takes no login that is set",
    mode: { kind: "method", method: 255 },
    login: true,
    code: "proxy-scheme-unsupported",
  },
  {
    title: "refuses the password",
    mode: { kind: "serve", credentials: { ...credentials, password: "another" } },
    login: true,
    code: "proxy-authentication-failed",
  },
  ...(
    [
      [1, "proxy-target-unreachable"],
      [2, "proxy-denied"],
      [3, "proxy-target-unreachable"],
      [4, "proxy-target-unreachable"],
      [5, "proxy-target-unreachable"],
      [6, "proxy-target-unreachable"],
      [7, "proxy-socks-unsupported"],
      [8, "proxy-socks-unsupported"],
      [9, "proxy-protocol"],
      [255, "proxy-protocol"],
    ] as const
  ).map(([reply, code]) => ({
    title: `replies ${reply}`,
    mode: { kind: "reply" as const, reply },
    code,
    detail: new RegExp(`^for platform\\.example\\.org:\\d+ the proxy answered.*\\(${reply}\\)$`),
  })),
];
for (const { title, mode, login, code, detail } of faults) {
  test(`a SOCKS5 proxy that ${title} is ${code}`, async (t) => {
    const { probe, proxy, through, close } = await start(mode);
    t.teardown(close);
    const limits = mode.kind === "silent" ? { limits: { proxyMs: 300 } } : {};
    const { error, stages } = await probe(
      { ...through, credentials: login ? credentials : null },
      limits,
    );
    t.is(error?.code, code);
    t.regex(error?.detail ?? "", detail ?? /./);
    t.is(stages.at(-1)?.stage, "proxy");
    t.false(JSON.stringify([stages, error?.message]).includes("wörd"));
    await until(() => proxy.open() === 0);
  });
}

test("a user name or password that SOCKS5 has no room for is refused before anything is sent", async (t) => {
  const { probe, proxy, through, close } = await start({ kind: "serve" });
  t.teardown(close);
  const { error } = await probe({
    ...through,
    credentials: { user: "x".repeat(256), password: "y" },
  });
  t.is(error?.code, "proxy-credentials-unusable");
  t.deepEqual(proxy.asked, []);
});

test("any bytes as an answer end in a coded error, quickly and without a socket left", async (t) => {
  const destination = await startDestination();
  t.teardown(() => destination.origin.close());
  const interesting = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc.uint8Array({ maxLength: 30 }).map((tail) => Uint8Array.from([5, 0, 5, 0, 0, ...tail])),
  );
  await fc.assert(
    fc.asyncProperty(interesting, async (bytes) => {
      const proxy = await startSocksProxy({ kind: "bytes", bytes }, () => ({
        host: "127.0.0.1",
        port: destination.origin.port,
      }));
      const { error } = await destination.probe(
        { kind: "socks5", host: "p", port: proxy.port, credentials: null },
        { limits: { proxyMs: 60, tlsMs: 60 } },
      );
      t.true(error !== null && error.code !== "internal-error", error?.code ?? "");
      await until(() => proxy.open() === 0);
      await proxy.close();
    }),
    { numRuns: 40 },
  );
  for (let reply = 0; reply < 256; reply++)
    t.regex(describeFacts([fact(replyFailure(reply)[1], { host: "h", reply })]) ?? "", /\(\d+\)$/);
});

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
(hasCurl ? test : test.skip)(
  "curl --socks5-hostname comes through the same proxy (skipped without curl)",
  async (t) => {
    const { proxy, close } = await start({
      kind: "serve",
      credentials: { user: "scanner", password: "Passw0rd" },
    });
    t.teardown(close);
    const curl = async (password: string) =>
      await run("curl", [
        ...[
          "--silent",
          "--show-error",
          "--insecure",
          "--max-time",
          "20",
          "--socks5-hostname",
          `127.0.0.1:${proxy.port}`,
        ],
        ...["--proxy-user", `scanner:${password}`, "https://platform.example.org/"],
      ]);
    t.is((await curl("Passw0rd")).stdout, "the page");
    await t.throwsAsync(curl("other"), { message: /User was rejected/ });
  },
);

const hasMicrosocks = spawnSync("microsocks", ["-h"]).error === undefined;
(hasMicrosocks ? test : test.skip)(
  "microsocks lets in with the right password only (skipped without microsocks)",
  async (t) => {
    const { origin, probe, close } = await start({ kind: "serve" });
    t.teardown(close);
    const port = await freePort();
    const server = spawn(
      "microsocks",
      ["-i", "127.0.0.1", "-p", String(port), "-u", "scanner", "-P", "Passw0rd"],
      { stdio: "ignore" },
    );
    t.teardown(() => server.kill("SIGKILL"));
    await listening(port);
    const through = { kind: "socks5", host: "127.0.0.1", port } as const;
    // It connects for itself, so the name is an address here, and the certificate for another one:
    // the connection must get as far as that error.
    const target = new URL(`https://127.0.0.1:${origin.port}`);
    const go = async (password: string | null) =>
      (
        await probe(
          { ...through, credentials: password === null ? null : { user: "scanner", password } },
          {},
          target,
        )
      ).error?.code;
    t.is(await go("Passw0rd"), "tls-name-mismatch");
    t.is(await go("other"), "proxy-authentication-failed");
    t.is(await go(null), "proxy-authentication-required");
  },
);
