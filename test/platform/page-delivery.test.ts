import { brotliDecompressSync } from "node:zlib";
import rateLimit from "@fastify/rate-limit";
import test from "ava";
import Fastify from "fastify";
import { OutriderError } from "../../src/base/messages/error.ts";
import { requestLimit } from "../../src/platform/https/request-limit.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { PageSession } from "../testkit/platform/page-session.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

/** Delivery of pages, assets, API and services: compression, caching, limits. */
let platform: TestPlatform;
let session: PageSession;
test.before(async () => {
  platform = await startPlatform();
  session = await PageSession.logIn(platform);
});
test.after.always(() => platform?.remove());

const compressing = { "accept-encoding": "br" };

for (const [name, type] of [
  ["style.css", "text/css; charset=utf-8"],
  ["live.ts", "text/javascript; charset=utf-8"],
  ["publish.ts", "text/javascript; charset=utf-8"],
  ["relative-time.ts", "text/javascript; charset=utf-8"],
  ["mark.svg", "image/svg+xml"],
] as const) {
  test(`${name} is sent without a session, kept for five minutes, and compressed for who takes it`, async (t) => {
    const stranger = new PageSession(platform);
    const { status, headers, text } = await stranger.read(`/assets/${name}?version`);
    t.is(status, 200);
    t.is(headers["content-type"], type);
    t.is(headers["cache-control"], "private, max-age=300");
    t.is(headers["x-content-type-options"], "nosniff");
    t.is(headers["content-encoding"], undefined);
    t.notRegex(text, /^import type|: string\b/m);
    const packed = await stranger.read(`/assets/${name}`, compressing);
    if (text.length >= 1024) {
      t.is(packed.headers["content-encoding"], "br");
      t.is(brotliDecompressSync(packed.content).toString("utf8"), text);
    }
    const etag = String(headers.etag);
    t.is((await stranger.read(`/assets/${name}`, { "if-none-match": etag })).status, 304);
  });
}

test("nothing but the assets is read from their folder", async (t) => {
  for (const path of ["/assets/", "/assets/nothing.css", "/assets/..%2foperator-token"]) {
    const { status, headers, text } = await session.read(path);
    t.true(status === 404 || status === 403, `${path}: ${status}`);
    t.is(headers["cache-control"], "no-store", path);
    t.false(text.includes(platform.operatorToken));
  }
});

test("a page carries the form's token, so it is never compressed", async (t) => {
  for (const path of ["/fleet", "/scans", "/updates", "/log-in"]) {
    const { status, headers, text } = await session.read(path, compressing);
    t.is(status, 200);
    t.is(headers["content-encoding"], undefined, path);
    t.regex(text, /^<!doctype html>/);
  }
});

test("the API compresses what is long, where that is asked for", async (t) => {
  const read = async (headers: Record<string, string>) => {
    const reply = await platform.dispatcher.request({
      origin: platform.url,
      path: "/api/openapi.json",
      method: "GET",
      headers: { authorization: `Bearer ${platform.operatorToken}`, ...headers },
    });
    const content = Buffer.from(await reply.body.arrayBuffer());
    return { encoding: reply.headers["content-encoding"], content };
  };
  const plain = await read({});
  t.is(plain.encoding, undefined);
  const packed = await read(compressing);
  t.is(packed.encoding, "br");
  t.deepEqual(brotliDecompressSync(packed.content), plain.content);
});

test("a service's reply is sent as it was signed, whatever the caller takes", async (t) => {
  const appliance = await enrolAt(platform);
  const answer = await appliance.call("enrolment", "GET", "/configuration", undefined, {
    headers: (fields) => ({ ...fields, ...compressing }),
  });
  t.is(answer.status, 200);
  t.true(answer.verification.ok);
  t.is(answer.headers["content-encoding"], undefined);
  t.is(answer.headers["x-ratelimit-limit"], undefined);
  t.is(answer.headers["content-security-policy"], undefined);
});

test("many right log-ins from one address are refused for a while", async (t) => {
  const own = await startPlatform();
  t.teardown(() => own.remove());
  const stranger = new PageSession(own);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 60; attempt++)
    statuses.push((await stranger.sendToken(own.operatorToken)).status);
  t.deepEqual(statuses, Array<number>(60).fill(303));
  const refused = await stranger.sendToken(own.operatorToken);
  t.is(refused.status, 429);
  t.true(Number(refused.headers["retry-after"]) > 0);
  t.regex(refused.text, /Too many requests came from this address/);
  t.is((await stranger.read("/log-in")).status, 200);
});

test("a limit counts each address by itself, and an IPv6 network as one", async (t) => {
  const app = Fastify();
  await app.register(rateLimit, requestLimit(1));
  app.setErrorHandler((error, _request, reply) => {
    t.true(error instanceof OutriderError && (error.retryAfterMs ?? 0) > 0);
    return reply.code(429).send();
  });
  app.get("/", async () => "");
  const ask = async (remoteAddress: string) =>
    (await app.inject({ url: "/", remoteAddress })).statusCode;
  t.is(await ask("192.0.2.1"), 200);
  t.is(await ask("192.0.2.1"), 429);
  t.is(await ask("192.0.2.2"), 200);
  t.is(await ask("2001:db8::1"), 200);
  t.is(await ask("2001:db8::2"), 429);
  t.is(await ask("2001:db8:0:1::1"), 200);
});
