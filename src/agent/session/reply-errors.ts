import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import { parseRetryAfterMs } from "../../base/retry-after.ts";
import { type AnswerCode, refusalCode } from "../../protocol/refusal-codes.ts";
import { validators } from "../../protocol/validators.ts";
import type { TransportReply } from "../../transport/http-transport.ts";
import { strangersCode } from "../../transport/strangers-reply.ts";
import { contentAsJson } from "./reply-content.ts";

/**
 * The platform verified a request and answered it with an error. No other error may change what the
 * appliance has: its parts, its jobs, its code, its access.
 */
export class PlatformAnswer extends OutriderError {}

/**
 * The platform refused a request that it could not verify, so that somebody on the way may have
 * caused the refusal, or, where no known key signed it, made it up. The agent shows it to the
 * operator, waits and tries again; it changes nothing else because of it.
 */
export class UnverifiedRefusal extends OutriderError {}

/** A reply that is signed with a key which the appliance does not know, or believes no more. */
export class UnknownReplyKey extends OutriderError {
  constructor(host: string, key: string) {
    super("reply-forged", { detail: fact("key-not-known", { host, key }) });
  }
}

/** Which of these codes the platform answered a verified request with; null for all else. */
export function answeredWith<Code extends AnswerCode>(
  error: unknown,
  ...codes: readonly Code[]
): Code | null {
  if (!(error instanceof PlatformAnswer)) return null;
  return codes.find((code) => code === error.code) ?? null;
}

/** The error that a signed reply of the platform stands for. */
export function platformError(reply: TransportReply, kind: "answer" | "refusal"): OutriderError {
  const Kind = kind === "answer" ? PlatformAnswer : UnverifiedRefusal;
  const generalCode = reply.status >= 500 ? "service-error" : "service-refused";
  const body = validators.ErrorReply(contentAsJson(reply));
  if (!body.valid)
    return new Kind(generalCode, { detail: fact("answered-status", { status: reply.status }) });
  const { code, detail, retryAfterSeconds } = body.value.error;
  // The content is signed, and the header field Retry-After is not.
  const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  const known = refusalCode(code, kind === "answer");
  if (known !== null) return new Kind(known, { detail, retryAfterMs });
  // A later version's code: show it as it is.
  return new Kind(generalCode, {
    detail: detail
      ? fact("refused-with-said", { code, said: detail })
      : fact("refused-with", { code }),
    retryAfterMs,
  });
}

/** An UnverifiedRefusal when the reply names one of these codes; else null. */
export function unprovenRefusal(
  reply: TransportReply,
  host: string,
  codes: readonly ErrorCode[],
): UnverifiedRefusal | null {
  if (reply.status < 400) return null;
  const body = validators.ErrorReply(contentAsJson(reply));
  const code = codes.find((each) => body.valid && body.value.error.code === each);
  return code === undefined
    ? null
    : new UnverifiedRefusal(code, { detail: fact("refused-unproven", { host }) });
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
