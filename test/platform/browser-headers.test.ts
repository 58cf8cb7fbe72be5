import test from "ava";
import { strictTransport } from "../../src/platform/https/browser-headers.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

const name = "https://outrider.example";
let named: TestPlatform;
test.before(async () => {
  named = await startPlatform({ url: name });
});
test.after.always(() => named?.remove());

const paths = [
  "/log-in",
  "/fleet",
  "/nothing/there",
  "/.well-known/outrider",
  "/api/about",
  "/api/nothing",
  "/jobs/v1/jobs",
  "/health/v1/nothing",
];

async function headersOf(platform: TestPlatform, path: string) {
  const reply = await platform.dispatcher.request({
    origin: `https://127.0.0.1:${platform.port}`,
    method: "GET",
    path,
  });
  await reply.body.dump();
  return reply.headers;
}

test("every reply forbids guessing its type, and binds a platform's own name to HTTPS", async (t) => {
  for (const path of paths) {
    const headers = await headersOf(named, path);
    t.is(headers["x-content-type-options"], "nosniff", path);
    t.is(headers["strict-transport-security"], "max-age=2592000", path);
  }
});

test("with --no-hsts, plain HTTP beside the platform stays possible", async (t) => {
  const platform = await startPlatform({ url: name, arguments: ["--no-hsts"] });
  t.teardown(() => platform.remove());
  for (const path of paths) {
    const headers = await headersOf(platform, path);
    t.is(headers["x-content-type-options"], "nosniff", path);
    t.is(headers["strict-transport-security"], undefined, path);
  }
});

test("an address, or a port of its own, is not bound to HTTPS", (t) => {
  for (const url of [`${name}:8443`, "https://192.0.2.1", "https://[2001:db8::1]"])
    t.is(strictTransport(new URL(url)), null, url);
});

test("a refused log-in has the headers too", async (t) => {
  const reply = await named.dispatcher.request({
    origin: `https://127.0.0.1:${named.port}`,
    method: "POST",
    path: "/log-in",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "token=wrong",
  });
  await reply.body.dump();
  t.is(reply.headers["x-content-type-options"], "nosniff");
  t.is(reply.headers["strict-transport-security"], "max-age=2592000");
});
