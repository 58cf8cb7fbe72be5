import test from "ava";
import type { ErrorCode } from "../../src/base/messages/error-codes.ts";
import { strangersCode } from "../../src/transport/strangers-reply.ts";

const html = "<html><body>502 Bad Gateway</body></html>";
const replies: readonly [
  title: string,
  status: number,
  type: string,
  text: string,
  code: ErrorCode | null,
][] = [
  ["nginx does not reach its server", 502, "text/html", html, "service-error"],
  ["a balancer waits in vain", 504, "text/html", html, "service-error"],
  ["a gateway says so in words", 502, "text/plain", "bad gateway", "service-error"],
  ["maintenance, with a page", 503, "text/html", html, "service-busy"],
  ["too many requests", 429, "text/html", html, "service-busy"],
  ["a block page", 403, "text/html; charset=utf-8", html, "service-block-page"],
  ["a block page that says 200", 200, "", "\n <!DOCTYPE html>", "service-block-page"],
  ["a log-in page is led to", 302, "text/html", html, "service-block-page"],
  ["an error of a program", 500, "application/json", "{}", "service-error"],
  ["an error page of a program", 500, "text/html", html, "service-block-page"],
  ["an upload that is too large", 413, "text/html", html, "path-upload-limit"],
  ["a service's own refusal", 401, "application/json", "{}", null],
  ["nothing", 404, "", "", null],
];
for (const [title, status, type, text, code] of replies)
  test(`${title} (${status} ${type}): ${code ?? "nobody else's"}`, (t) => {
    t.is(
      strangersCode({ status, headers: { "content-type": type }, content: Buffer.from(text) }),
      code,
    );
  });
