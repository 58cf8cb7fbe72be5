import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/schema.ts";
import type { HttpTransport } from "../../src/transport/http-transport.ts";
import { Uplink } from "../../src/transport/uplink.ts";
import { makeKeys, uploadFromSpool } from "./connector-parts.ts";

/**
 * Uploads through the connector alone, and by the agent out of its spool, against `curl --upload-file` to the same TLS server; and how
 * soon a request gets through again after the proxy has lost every connection, against a cold `curl` through it.
 */
const totalBytes = 256 * 2 ** 20;
const partBytes = 4 * 2 ** 20;
const rounds = 5;
/** Of about 1 MB each, as scans make them. */
const spooledParts = 64;
const reconnects = 20;
const host = "upload.example.org";

const folder = await mkdtemp(join(tmpdir(), "outrider-bench-"));
const authorityFile = join(folder, "authority.pem");
const uploadFile = join(folder, "upload");
const keys = makeKeys();
const keysFile = join(folder, "keys.json");
await writeFile(keysFile, JSON.stringify(keys), { mode: 0o600 });
const peer = spawn(process.execPath, [new URL("connector-peer.ts", import.meta.url).pathname, authorityFile, keysFile], { stdio: ["pipe", "pipe", "inherit"] });
try {
  const [port = 0, proxyPort = 0] = (await lineOf(peer)).split(" ").map(Number);
  const certificateAuthorities = await readFile(authorityFile, "utf8");
  await writeFile(uploadFile, Buffer.alloc(totalBytes, "outrider "));
  const part = Buffer.alloc(partBytes, "outrider ");
  const url = new URL(`https://${host}:${port}/`);
  const open = (proxy: ProxySettings): HttpTransport =>
    new Uplink({ proxy, trustedCertificates: [] }, null, { clock: systemClock, random: systemRandom, resolve: async () => ["127.0.0.1"] }).transport({
      certificateAuthorities,
    });
  const through: ProxySettings = { ...defaultHttpProxy, host: "127.0.0.1", port: proxyPort, authentication: "none" };
  const curl = (proxied: boolean, ...more: string[]) => {
    const way = proxied ? ["-x", `http://127.0.0.1:${proxyPort}`] : ["--resolve", `${host}:${port}:127.0.0.1`];
    const words = ["-sS", "-o", "/dev/null", "-w", "%{time_total}", "--cacert", authorityFile, ...way, ...more, url.href];
    return Number(execFileSync("curl", words, { encoding: "utf8" })) * 1000;
  };

  const rows: string[] = [];
  for (const [title, proxied, proxy] of [
    ["upload, direct", false, { kind: "none" }],
    ["upload, through a proxy", true, through],
  ] as const) {
    const transport = open(proxy);
    const own: number[] = [];
    const spooled: number[] = [];
    const baseline: number[] = [];
    await request(transport, url, new Uint8Array());
    for (let round = 0; round < rounds; round++) {
      baseline.push(curl(proxied, "--upload-file", uploadFile, "-H", "Expect:"));
      const startedMs = performance.now();
      for (let sent = 0; sent < totalBytes; sent += partBytes) await request(transport, url, part);
      own.push(performance.now() - startedMs);
      const { bytes, ms } = await uploadFromSpool(folder, url.href.replace(/\/$/, ""), transport, keys, spooledParts);
      spooled.push((ms / bytes) * totalBytes);
    }
    await transport.close();
    const rate = (times: readonly number[]) => totalBytes / 2 ** 20 / (median(times) / 1000);
    for (const [what, times] of [
      ["the connector alone", own],
      ["parts protocol, out of the spool", spooled],
    ] as const)
      rows.push(
        `| ${title}: ${what} | ${rate(times).toFixed(0)} MiB/s | ${rate(baseline).toFixed(0)} MiB/s, \`curl --upload-file\` | ${(rate(times) / rate(baseline)).toFixed(2)} | at least 0.8 |`,
      );
  }

  const transport = open(through);
  await request(transport, url, new Uint8Array());
  const again: number[] = [];
  const cold: number[] = [];
  for (let round = 0; round < reconnects; round++) {
    peer.stdin?.write("cut\n");
    await lineOf(peer);
    const startedMs = performance.now();
    await request(transport, url, new Uint8Array()).catch(() => request(transport, url, new Uint8Array()));
    again.push(performance.now() - startedMs);
    cold.push(curl(true));
  }
  await transport.close();
  const ratio = (median(cold) / median(again)).toFixed(2);
  rows.push(
    `| a request after the proxy lost all connections | ${median(again).toFixed(1)} ms | ${median(cold).toFixed(1)} ms, a cold \`curl\` | ${ratio} | |`,
  );

  const table = `# The connector

Written by \`npm run bench:connector\`, against one upload of ${totalBytes / 2 ** 20} MiB by curl to the same server over TLS on the loopback; the median of ${rounds} rounds that take turns. The ratio
is how many times as fast as the baseline.

* *The connector alone*: as much in requests of ${partBytes / 2 ** 20} MiB, one after the other, each answered.
* *Parts protocol, out of the spool*: ${spooledParts} parts of 1 MB as scans leave them, each read from the disk, decrypted, hashed, signed, sent, answered with a receipt whose signature is
  checked, and taken out of the spool durably. The server checks each part's signature and digest and signs the receipt; it does not store.

| what | connector | baseline | ratio | aim |
|---|---|---|---|---|
${rows.join("\n")}
`;
  process.stdout.write(table);
  if (process.argv.includes("--write")) await writeFile(new URL("../../docs/bench-connector.md", import.meta.url), table);
} finally {
  peer.kill();
  await rm(folder, { recursive: true, force: true });
}

async function request(transport: HttpTransport, url: URL, content: Uint8Array): Promise<void> {
  const { status } = await transport.request({ method: "PUT", url, headers: {}, content, limitMs: 12_000 });
  if (status !== 200) throw new Error(`answered ${status}`);
}

async function lineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("it has no output");
  const [chunk]: unknown[] = await once(child.stdout, "data");
  return String(chunk).trim();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
