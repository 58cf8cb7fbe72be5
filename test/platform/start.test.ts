import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import test from "ava";
import { Agent } from "undici";
import { readOptions, UsageError } from "../../src/platform/options.ts";
import { startPlatform } from "../testkit/platform/platform.ts";

/**
 * The end must not wait for a held request (50 s), a silent connection (60 s) or a live stream (for
 * ever); each takes longer than this.
 */
const longestEndMs = 15_000;

const base = [
  "--data",
  "/var/lib/outrider",
  "--listen",
  "0.0.0.0:443",
  "--url",
  "https://platform.outrider.test",
];

test("services are below the platform's address unless they are given", (t) => {
  const { services } = readOptions([
    ...base,
    "--service",
    "jobs=https://jobs.outrider.test",
    "--service",
    "results=https://results.outrider.test:8443/up/",
  ]);
  t.is(services.health.href, "https://platform.outrider.test/health/v1");
  t.is(services.jobs.href, "https://jobs.outrider.test/jobs/v1");
  t.is(services.results.href, "https://results.outrider.test:8443/up");
});

for (const [what, args] of [
  ["no arguments", []],
  ["no address", base.slice(0, 4)],
  ["an address without https", [...base.slice(0, 5), "http://platform.test"]],
  ["an address with a path", [...base.slice(0, 5), "https://platform.test/x"]],
  ["a service that does not exist", [...base, "--service", "mail=https://x.test"]],
  ["a service without a URL", [...base, "--service", "jobs"]],
  ["a range that is none", [...base, "--ip-range", "198.51.100.0/99"]],
  ["a port that is none", [...base.slice(0, 3), "0.0.0.0:99999", ...base.slice(4)]],
  ["an option that does not exist", [...base, "--no-such"]],
] as const) {
  test(`refused with its usage: ${what}`, (t) => {
    t.throws(() => readOptions([...args]), { instanceOf: UsageError });
  });
}

/** Runs the process to its end. */
async function runPlatform(args: readonly string[]): Promise<{ exitCode: unknown; told: string }> {
  const main = fileURLToPath(new URL("../../src/platform/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  const [exitCode] = await once(child, "close");
  return { exitCode, told };
}

test("the process prints the problem of its options and ends with 2", async (t) => {
  const { exitCode, told } = await runPlatform(["--data", "x"]);
  t.is(exitCode, 2);
  t.regex(told, /--listen is missing\nusage: platform/);
});

test("a port that is taken is reported in one line, with the remedy", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-taken-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = typeof address === "object" ? address?.port : 0;
  const { exitCode, told } = await runPlatform([
    "--data",
    folder,
    "--listen",
    `127.0.0.1:${port}`,
    "--url",
    "https://localhost:0",
  ]);
  t.is(exitCode, 1);
  t.regex(told, /^<3>platform did not start error=".*EADDRINUSE.*" remedy=".*"\n$/);
  t.regex(told, /--listen/);
});

test("TLS connections are taken on a unix socket too", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-unix-"));
  const socketPath = join(folder, "platform.sock");
  const platform = await startPlatform({
    arguments: ["--listen-unix", socketPath, "--service", "jobs=https://jobs.outrider.test"],
  });
  t.teardown(async () => {
    await platform.remove();
    await rm(folder, { recursive: true });
  });
  const dispatcher = new Agent({ connect: { socketPath, ca: platform.certificateAuthority } });
  // Verified as jobs.outrider.test: the certificate names every service's host.
  const reply = await dispatcher.request({
    origin: "https://jobs.outrider.test",
    method: "GET",
    path: "/.well-known/outrider",
  });
  t.like(await reply.body.json(), { services: { jobs: "https://jobs.outrider.test/jobs/v1" } });
  await dispatcher.close();
  const { exitCode, tookMs } = await platform.stop();
  t.is(exitCode, 0);
  t.true(tookMs < longestEndMs);
});

test("TLS below 1.2 is refused, and a silent connection does not hold up the end", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const options = { host: "127.0.0.1", port: platform.port, ca: platform.certificateAuthority };
  const old = connect({
    ...options,
    minVersion: "TLSv1.1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  const [error] = await once(old, "error");
  t.regex(String(error), /protocol|version|alert/i);
  const silent = connect(options);
  await once(silent, "secureConnect");
  silent.on("error", () => undefined);
  const { exitCode, tookMs } = await platform.stop();
  t.is(exitCode, 0);
  t.true(tookMs < longestEndMs);
});
