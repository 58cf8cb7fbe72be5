import { OutriderError } from "../../base/messages/error.ts";
import { type ErrorCode, isErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import { parseRetryAfterMs } from "../../base/retry-after.ts";
import { validators } from "../../protocol/validators.ts";
import type { TransportReply } from "../../transport/http-transport.ts";
import { strangersCode } from "../../transport/strangers-reply.ts";
import { contentAsJson } from "./reply-content.ts";

/**
 * A refusal that no known key signed. The agent shows it to the operator and waits; it changes
 * nothing else because of it.
 */
export class UnprovenRefusal extends OutriderError {}

/** The error that a signed reply of the platform stands for. */
export function platformError(reply: TransportReply, nowMs: number): OutriderError {
  const retryAfterMs = parseRetryAfterMs(reply.headers["retry-after"], nowMs);
  const generalCode = reply.status >= 500 ? "service-error" : "service-refused";
  const body = validators.ErrorReply(contentAsJson(reply));
  if (!body.valid)
    return new OutriderError(generalCode, {
      detail: fact("answered-status", { status: reply.status }),
      retryAfterMs,
    });
  const { code, detail } = body.value.error;
  if (isErrorCode(code)) return new OutriderError(code, { detail, retryAfterMs });
  // A later version's code: show it as it is.
  return new OutriderError(generalCode, {
    detail: detail
      ? fact("refused-with-said", { code, said: detail })
      : fact("refused-with", { code }),
    retryAfterMs,
  });
}

/** An UnprovenRefusal when the reply names one of these codes; else null. */
export function unprovenRefusal(
  reply: TransportReply,
  host: string,
  codes: readonly ErrorCode[],
): UnprovenRefusal | null {
  if (reply.status < 400) return null;
  const body = validators.ErrorReply(contentAsJson(reply));
  const code = codes.find((each) => body.valid && body.value.error.code === each);
  return code === undefined
    ? null
    : new UnprovenRefusal(code, { detail: fact("refused-unproven", { host }) });
}

/**
 * The error of an unsigned reply, which a proxy or firewall sent. It tells the operator the likely
 * reason; the agent only waits because of it.
 */
export function unsignedFailure(reply: TransportReply, host: string, nowMs: number): OutriderError {
  const detail = fact("answered-unsigned", { host, status: reply.status });
  const retryAfterMs = parseRetryAfterMs(reply.headers["retry-after"], nowMs);
  const code = strangersCode(reply) ?? "reply-unsigned";
  return new OutriderError(code, code === "service-busy" ? { detail, retryAfterMs } : { detail });
}
