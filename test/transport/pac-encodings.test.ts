import { createServer, type OutgoingHttpHeaders } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fetchPacScript } from "../../src/transport/pac/fetch-script.ts";
import { patientMs } from "../testkit/patience.ts";
import { closeAll, listen, portOf } from "../testkit/proxies/origin.ts";

const script = 'function FindProxyForURL() { return "PROXY büro:8080"; }';
const latin1 = Buffer.from(script, "latin1");
const utf16le = Buffer.from(script, "utf16le");
const utf16be = Buffer.from(utf16le).swap16();

async function fetchFrom(t: ExecutionContext, headers: OutgoingHttpHeaders, bytes: Buffer) {
  let accepted: string | string[] | undefined;
  const server = createServer((request, reply) => {
    accepted = request.headers["accept-encoding"];
    reply.writeHead(200, headers).end(bytes);
  });
  await listen(server);
  t.teardown(() => closeAll(server, []));
  const url = `http://127.0.0.1:${portOf(server.address())}/proxy.pac`;
  const parts = {
    resolve: async (host: string) => [host],
    trust: { certificateAuthorities: [], allowUnknownIssuer: false },
    nowMs: Date.now,
    limitMs: patientMs,
  };
  const { text } = await fetchPacScript(url, parts, new AbortController().signal);
  return { text, accepted };
}

const plain = "application/x-ns-proxy-autoconfig";
const read: [string, OutgoingHttpHeaders, Buffer][] = [
  ["UTF-8", {}, Buffer.from(script)],
  ["UTF-8 with a mark", { "content-type": plain }, Buffer.from(`\ufeff${script}`)],
  ["UTF-16LE with a mark", {}, Buffer.from(`\ufeff${script}`, "utf16le")],
  [
    "UTF-16BE with a mark, called UTF-8",
    { "content-type": `${plain}; charset=utf-8` },
    Buffer.from(`\ufeff${script}`, "utf16le").swap16(),
  ],
  ["UTF-16LE without a mark", {}, utf16le],
  ["UTF-16BE without a mark", {}, utf16be],
  ["UTF-16 by its charset", { "content-type": `${plain};charset="UTF-16"` }, utf16le],
  ["ISO-8859-1 by its charset", { "content-type": `${plain}; charset=ISO-8859-1` }, latin1],
  ["Windows-1252 without a word", { "content-type": plain }, latin1],
  ["Windows-1252 that is called UTF-8", { "content-type": `${plain}; charset=UTF-8` }, latin1],
  ["an unknown charset", { "content-type": `${plain}; charset=none` }, Buffer.from(script)],
  ["gzip", { "content-encoding": "gzip" }, gzipSync(script)],
  ["x-gzip of ISO-8859-1", { "content-encoding": "X-GZIP" }, gzipSync(latin1)],
  ["deflate", { "content-encoding": "deflate" }, deflateSync(script)],
  ["deflate without its frame", { "content-encoding": "deflate" }, deflateRawSync(script)],
  ["Brotli", { "content-encoding": "br" }, brotliCompressSync(script)],
  ["two codings", { "content-encoding": "br, gzip" }, gzipSync(brotliCompressSync(script))],
  ["gzip without a word", {}, gzipSync(script)],
  ["identity", { "content-encoding": "identity" }, Buffer.from(script)],
];
for (const [title, headers, bytes] of read) {
  test(`a PAC file in ${title} is read`, async (t) => {
    const { text, accepted } = await fetchFrom(t, headers, bytes);
    t.is(text, script);
    t.is(accepted, "identity");
  });
}

const refused: [string, OutgoingHttpHeaders, Buffer, RegExp][] = [
  ["in an unknown coding", { "content-encoding": "compress" }, latin1, /packed by compress/],
  ["that is no gzip", { "content-encoding": "gzip" }, latin1, /Z_DATA_ERROR/],
  ["cut off", { "content-encoding": "gzip" }, gzipSync(script).subarray(0, 30), /Z_BUF_ERROR/],
  [
    "that unpacks without end",
    { "content-encoding": "gzip" },
    gzipSync(Buffer.alloc(2 ** 22)),
    /ERR_BUFFER_TOO_LARGE/,
  ],
  ["that is a page", { "content-encoding": "gzip" }, gzipSync("<html>"), /web page/],
];
for (const [title, headers, bytes, detail] of refused) {
  test(`a PAC file ${title} is refused with the reason`, async (t) => {
    const error = await t.throwsAsync(fetchFrom(t, headers, bytes), { instanceOf: OutriderError });
    t.is(error?.code, "proxy-pac-unreachable");
    t.regex(error?.detail ?? "", detail);
  });
}
