import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { defaultHttpProxy, type ProxySettings } from "../../src/settings/model/schema.ts";
import type { HttpTransport } from "../../src/transport/http-transport.ts";
import { Uplink } from "../../src/transport/uplink.ts";
import { hasSquid, startSquid } from "../testkit/proxies/squid.ts";
import { type ConnectorRow, connectorPage } from "./connector-page.ts";
import { fillSpool, makeKeys, run, uploadFromSpool, writeForCurl } from "./connector-parts.ts";

/**
 * Uploads through the connector alone, and by the agent out of its spool, against curl to the same
 * TLS server; and how soon a request gets through again after the proxy has lost every connection,
 * against a cold `curl` through it.
 */
const totalBytes = 256 * 2 ** 20;
const requestBytes = 4 * 2 ** 20;
const rounds = 5;
/** Parts of about 1 MB each, as scans make them. */
const spooledParts = 64;
/** As many as the uploader has under way. */
const atOnce = 4;
const reconnects = 20;
const host = "platform.example.org";

const folder = await mkdtemp(join(tmpdir(), "outrider-bench-"));
const authorityFile = join(folder, "authority.pem");
const uploadFile = join(folder, "upload");
const filled = join(folder, "filled");
const keys = makeKeys();
const keysFile = join(folder, "keys.json");
await writeFile(keysFile, JSON.stringify(keys), { mode: 0o600 });
const peer = spawn(
  process.execPath,
  [new URL("connector-peer.ts", import.meta.url).pathname, authorityFile, keysFile],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const squid = hasSquid ? await startSquid({ lines: ["http_access allow all"] }) : null;
try {
  const [port = 0, ownProxyPort = 0] = (await lineOf(peer)).split(" ").map(Number);
  const certificateAuthorities = await readFile(authorityFile, "utf8");
  const content = Buffer.alloc(totalBytes, "outrider ");
  await writeFile(uploadFile, content);
  fillSpool(filled, spooledParts);
  const url = new URL(`https://${host}:${port}/`);
  const serviceUrl = url.href.replace(/\/$/, "");
  const open = (proxy: ProxySettings): HttpTransport =>
    new Uplink({ proxy, trustedCertificates: [] }, null, {
      clock: systemClock,
      random: systemRandom,
      resolve: async () => ["127.0.0.1"],
    }).transport({
      certificateAuthorities,
    });
  const through = (proxyPort: number): ProxySettings => ({
    ...defaultHttpProxy,
    host: "127.0.0.1",
    port: proxyPort,
    authentication: "none",
  });
  const wayOf = (proxyPort: number | null) =>
    proxyPort === null
      ? ["--resolve", `${host}:${port}:127.0.0.1`]
      : ["-x", `http://127.0.0.1:${proxyPort}`];
  const curl = (proxyPort: number | null, ...more: string[]) =>
    Number(
      run("curl", [
        "-sS",
        "-o",
        "/dev/null",
        "-w",
        "%{time_total}",
        "--cacert",
        authorityFile,
        ...wayOf(proxyPort),
        ...more,
        url.href,
      ]),
    ) * 1000;

  const rows: ConnectorRow[] = [];
  for (const [way, proxyPort] of [
    ["direct", null],
    ["through a proxy", squid?.port ?? ownProxyPort],
  ] as const) {
    const transport = open(proxyPort === null ? { kind: "none" } : through(proxyPort));
    const options = [
      `cacert = "${authorityFile}"`,
      ...(proxyPort === null
        ? [`resolve = "${host}:${port}:127.0.0.1"`]
        : [`proxy = "http://127.0.0.1:${proxyPort}"`]),
    ];
    const { file, bytes: bytesOfParts } = await writeForCurl(
      filled,
      join(folder, `curl-${way.replaceAll(" ", "-")}`),
      serviceUrl,
      keys,
      options,
    );
    const times = {
      curl: [] as number[],
      curlParts: [] as number[],
      whole: [] as number[],
      requests: [] as number[],
      spooled: [] as number[],
    };
    await request(transport, url, new Uint8Array());
    // One before those that count: an agent that uploads has long been compiled, and files have
    // been read once for curl too.
    for (let round = -1; round < rounds; round++) {
      if (round === 0) for (const each of Object.values(times)) each.length = 0;
      times.curl.push(curl(proxyPort, "--upload-file", uploadFile, "-H", "Expect:"));
      times.whole.push(await taken(() => request(transport, url, content)));
      times.requests.push(
        await taken(async () => {
          for (let sent = 0; sent < totalBytes; sent += requestBytes)
            await request(transport, url, content.subarray(sent, sent + requestBytes));
        }),
      );
      // Do not count the time of starting the program and of a first connection against curl.
      const startMs = await taken(() => curl(proxyPort));
      const partsMs = await taken(() =>
        run("curl", ["-sS", "-Z", "--parallel-max", String(atOnce), "-K", file]),
      );
      times.curlParts.push(((partsMs - startMs) / bytesOfParts) * totalBytes);
      const { bytes, ms } = await uploadFromSpool(
        filled,
        join(folder, `spool-${rows.length}-${round}`),
        serviceUrl,
        transport,
        keys,
      );
      times.spooled.push((ms / bytes) * totalBytes);
    }
    await transport.close();
    const rate = (values: readonly number[]) => totalBytes / 2 ** 20 / (median(values) / 1000);
    const against = (
      what: string,
      own: readonly number[],
      baseline: readonly number[],
      name: string,
      aim = true,
    ) =>
      rows.push({
        what: `${way}: ${what}`,
        own: `${rate(own).toFixed(0)} MiB/s`,
        baseline: `${rate(baseline).toFixed(0)} MiB/s, ${name}`,
        ratio: rate(own) / rate(baseline),
        aim,
      });
    const upload = "`curl --upload-file`";
    against("the connector alone, one request", times.whole, times.curl, upload);
    against("the connector alone, one request after the other", times.requests, times.curl, upload);
    against("parts protocol, out of the spool", times.spooled, times.curl, upload);
    against(
      "parts protocol, out of the spool",
      times.spooled,
      times.curlParts,
      "curl, the same parts",
    );
    against(
      "curl, the same parts, in place of the agent",
      times.curlParts,
      times.curl,
      upload,
      false,
    );
  }

  const transport = open(through(ownProxyPort));
  await request(transport, url, new Uint8Array());
  const again: number[] = [];
  const cold: number[] = [];
  for (let round = 0; round < reconnects; round++) {
    peer.stdin?.write("cut\n");
    await lineOf(peer);
    again.push(
      await taken(() =>
        request(transport, url, new Uint8Array()).catch(() =>
          request(transport, url, new Uint8Array()),
        ),
      ),
    );
    cold.push(curl(ownProxyPort));
  }
  await transport.close();
  rows.push({
    what: "a request after the proxy lost all connections",
    own: `${median(again).toFixed(1)} ms`,
    baseline: `${median(cold).toFixed(1)} ms, a cold \`curl\``,
    ratio: median(cold) / median(again),
    aim: false,
  });

  const page = connectorPage(rows, {
    totalMiB: totalBytes / 2 ** 20,
    requestMiB: requestBytes / 2 ** 20,
    rounds,
    parts: spooledParts,
    atOnce,
    squid: squid !== null,
  });
  process.stdout.write(page);
  if (process.argv.includes("--write"))
    await writeFile(new URL("../../docs/measured/bench-connector.md", import.meta.url), page);
} finally {
  peer.kill();
  await squid?.close();
  await rm(folder, { recursive: true, force: true });
}

async function request(transport: HttpTransport, url: URL, content: Uint8Array): Promise<void> {
  const { status } = await transport.request({
    method: "PUT",
    url,
    headers: {},
    content,
    limitMs: 60_000,
  });
  if (status !== 200) throw new Error(`answered ${status}`);
}

async function taken(work: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function lineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("it has no output");
  const [chunk]: unknown[] = await once(child.stdout, "data");
  return String(chunk).trim();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
