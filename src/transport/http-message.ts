import { Readable } from "node:stream";
import { OutriderError } from "../base/messages/error.ts";
import type { ErrorCode } from "../base/messages/error-codes.ts";
import { fact } from "../base/messages/facts.ts";
import { errorText, systemErrorCode } from "./wire/time-limit.ts";
import { userAgent } from "./wire/user-agent.ts";

/**
 * TLS encrypts each write as a whole before any of it leaves. With slices, the other side reads one
 * while the next is encrypted.
 */
const sliceBytes = 2 ** 20;

/** Headers and body for undici; with this program's User-Agent where none is given. */
export function messageOf(
  method: string,
  given: Readonly<Record<string, string>>,
  content: Uint8Array,
) {
  const headers = { "user-agent": userAgent, ...given };
  if (method === "GET") return { headers, body: null };
  if (content.length <= sliceBytes) return { headers, body: content };
  // undici cannot know the length of a stream and would send it in chunks, which some proxies
  // reject.
  return {
    headers: { ...headers, "content-length": String(content.length) },
    body: Readable.from(slicesOf(content)),
  };
}

function* slicesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += sliceBytes)
    yield content.subarray(at, at + sliceBytes);
}

/** Names in lower case, values of a repeated field joined by commas (RFC 9110 section 5.2). */
export function joinedFields(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return result;
}

const codes = new Map<string, ErrorCode>([
  ["UND_ERR_HEADERS_TIMEOUT", "service-silent"],
  ["UND_ERR_BODY_TIMEOUT", "service-silent"],
  ["UND_ERR_SOCKET", "connect-reset"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "connect-reset"],
  ["ECONNRESET", "connect-reset"],
  ["EPIPE", "connect-reset"],
  ["ETIMEDOUT", "connect-silent"],
  ["EHOSTUNREACH", "connect-silent"],
  ["ENETUNREACH", "connect-silent"],
]);

/** The coded error for a failure of undici's or the socket's. */
export function exchangeFailure(error: unknown, host: string): OutriderError {
  if (error instanceof OutriderError) return error;
  const name = systemErrorCode(error);
  return new OutriderError(codes.get(name) ?? "service-unexpected", {
    detail: fact("exchange-said", { host, said: name || errorText(error) }),
    cause: error,
  });
}
