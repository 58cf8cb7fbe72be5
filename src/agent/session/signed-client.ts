import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type ErrorCode, isErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { parseRetryAfterMs } from "../../base/retry-after.ts";
import type { Validator } from "../../base/validation.ts";
import type { SignatureVerifier, Signer } from "../../protocol/signature/keys.ts";
import {
  claimedSignature,
  type ReceivedFields,
  signRequest,
  verifyReply,
} from "../../protocol/signature/profile.ts";
import { validators } from "../../protocol/validators.ts";
import type { Transport, TransportReply } from "../../transport/http-transport.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { ServerClock } from "./server-clock.ts";

export interface SignedRequest<T> {
  method: "GET" | "POST" | "PUT";
  url: string;
  /** Sent as JSON; bytes are sent as they are. */
  body?: unknown;
  /** Of a body of bytes, in hexadecimal, where it is known already. */
  sha256?: string;
  reply: Validator<T>;
  /** From the request being sent to the answer's head. */
  limitMs?: number;
  signal?: AbortSignal | undefined;
}

/** A GET whose answer is bytes and not JSON; signed like any other. */
export interface SignedDownload {
  url: string;
  longestBytes: number;
  limitMs?: number;
  signal?: AbortSignal | undefined;
}

interface Exchange {
  method: "GET" | "POST" | "PUT";
  url: string;
  body?: unknown;
  sha256?: string;
  limitMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * An answer that the platform signed, and when by the monotonic clock it was asked for and given.
 */
interface Proven {
  reply: TransportReply;
  sentAtMs: number;
  receivedAtMs: number;
}

export interface SignedClientParts {
  transport: Transport;
  signer: Signer;
  /** Keys with which the platform may sign its replies, by key id. */
  replyKeys: ReadonlyMap<string, SignatureVerifier>;
  clock: Clock;
  serverClock: ServerClock;
  random: Random;
  counters: Pick<AgentCounters, "requests" | "failures" | "repeats">;
  softwareVersion: string;
  /**
   * Refusals that are told although nobody known signed them: a platform cannot prove itself by an
   * activation code that it does not know. Nothing is done because of them but waiting, and staying
   * who one is.
   */
  unprovenRefusals?: readonly ErrorCode[];
  /** Which start of which machine asks: goes along in the query, where the signature covers it. */
  bootId?: string;
}

/** A refusal that nobody known has signed: told to people, and believed no further. */
export class UnprovenRefusal extends OutriderError {}

const usualLimitMs = 12_000;
/** A kept connection that is dead breaks as soon as something is sent over it. */
const deadConnectionMs = 5000;

/**
 * Signs every request and believes no reply that the platform has not signed for just this request.
 */
export class SignedClient {
  readonly #parts: SignedClientParts;

  constructor(parts: SignedClientParts) {
    this.#parts = parts;
  }

  async request<T>(request: SignedRequest<T>): Promise<T> {
    return this.#counted(request.signal, async () =>
      this.#read(await this.#exchange(request), request),
    );
  }

  async download({ longestBytes, ...request }: SignedDownload): Promise<Uint8Array> {
    return this.#counted(request.signal, async () => {
      const { reply } = await this.#exchange({ method: "GET", ...request });
      if (reply.status !== 200) throw this.#refusal(reply, parseJson(reply.content));
      if (reply.content.length > longestBytes)
        throw new OutriderError("service-unexpected", {
          detail: fact("answered-long", { bytes: reply.content.length, most: longestBytes }),
        });
      return reply.content;
    });
  }

  async #counted<T>(signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
    const { counters, clock } = this.#parts;
    counters.requests++;
    const startedMs = clock.monotonicMs();
    try {
      return await attempt().catch((error: unknown) => {
        if (!mayRepeatAtOnce(error, clock.monotonicMs() - startedMs) || signal?.aborted)
          throw error;
        counters.requests++;
        counters.repeats = (counters.repeats ?? 0) + 1;
        return attempt();
      });
    } catch (error) {
      // Whether something is there is a question like any other.
      const answered = error instanceof OutriderError && error.code === "not-found";
      if (!signal?.aborted && !answered) counters.failures++;
      throw error;
    }
  }

  /** Believes nothing but what the platform signed for just this request. */
  async #exchange({
    method,
    url: address,
    body,
    sha256,
    limitMs = usualLimitMs,
    signal,
  }: Exchange): Promise<Proven> {
    const { transport, signer, clock, serverClock, random, softwareVersion } = this.#parts;
    const url = new URL(address);
    if (this.#parts.bootId !== undefined) url.searchParams.set("boot", this.#parts.bootId);
    const content =
      body === undefined
        ? new Uint8Array()
        : body instanceof Uint8Array
          ? body
          : new TextEncoder().encode(JSON.stringify(body));
    const nonce = Buffer.from(random.bytes(16)).toString("base64url");
    const signed = signRequest(
      { method, url, content, sha256 },
      signer,
      serverClock.nowMs(),
      nonce,
    );
    const headers = {
      ...signed,
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": `outrider/${softwareVersion}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const sentAtMs = clock.monotonicMs();
    const reply = await transport.request({
      method,
      url,
      headers,
      content,
      limitMs,
      ...(signal ? { signal } : {}),
    });
    const receivedAtMs = clock.monotonicMs();
    const createdMs = this.#verify(reply, { method, url, content }, signed);
    // `created` is in whole seconds (RFC 9421 section 2.3).
    serverClock.learn(createdMs + 500, sentAtMs, receivedAtMs, 500);
    return { reply, sentAtMs, receivedAtMs };
  }

  #read<T>(
    { reply, sentAtMs, receivedAtMs }: Proven,
    { url: address, reply: validate }: SignedRequest<T>,
  ): T {
    const { serverClock } = this.#parts;
    const url = new URL(address);
    const parsed = parseJson(reply.content);
    if (reply.status < 200 || reply.status > 299) throw this.#refusal(reply, parsed);
    const validated = validate(parsed);
    if (!validated.valid) {
      const [first] = validated.violations;
      throw new OutriderError("service-unexpected", {
        detail: fact("answered-malformed", {
          host: url.host,
          path: first?.path ?? "",
          said: first?.message ?? "",
        }),
      });
    }
    const serverTime: unknown =
      typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "serverTime") : undefined;
    if (typeof serverTime === "number") serverClock.learn(serverTime, sentAtMs, receivedAtMs);
    return validated.value;
  }

  /** Gives the moment at which the platform signed; throws when it did not. */
  #verify(
    reply: TransportReply,
    request: { method: string; url: URL; content: Uint8Array },
    requestFields: ReceivedFields,
  ): number {
    const fields = reply.headers;
    const claimed = claimedSignature(fields);
    if (!claimed) throw unsignedFailure(reply, request.url.host, this.#parts.serverClock.nowMs());
    const verifier = this.#parts.replyKeys.get(claimed.keyId);
    if (!verifier)
      throw (
        this.#unprovenRefusal(reply, request.url.host) ??
        new OutriderError("reply-forged", {
          detail: fact("key-not-known", { host: request.url.host, key: claimed.keyId }),
        })
      );
    const verified = verifyReply(reply, fields, request, requestFields, verifier);
    if (!verified.ok)
      throw new OutriderError("reply-forged", {
        detail: fact(`signature-${verified.fault}`, { host: request.url.host }),
      });
    return verified.createdMs;
  }

  #unprovenRefusal(reply: TransportReply, host: string): UnprovenRefusal | null {
    const error = validators.ErrorReply(parseJson(reply.content));
    const code = this.#parts.unprovenRefusals?.find(
      (each) => error.valid && error.value.error.code === each,
    );
    return code === undefined || reply.status < 400
      ? null
      : new UnprovenRefusal(code, { detail: fact("refused-unproven", { host }) });
  }

  #refusal(reply: TransportReply, parsed: unknown): OutriderError {
    const error = validators.ErrorReply(parsed);
    const retryAfterMs = parseRetryAfterMs(
      reply.headers["retry-after"],
      this.#parts.serverClock.nowMs(),
    );
    const rest = retryAfterMs === undefined ? {} : { retryAfterMs };
    if (!error.valid)
      return new OutriderError(reply.status >= 500 ? "service-error" : "service-refused", {
        detail: fact("answered-status", { status: reply.status }),
        ...rest,
      });
    const { code, detail } = error.value.error;
    if (isErrorCode(code))
      return new OutriderError(code, { ...(detail === undefined ? {} : { detail }), ...rest });
    return new OutriderError(reply.status >= 500 ? "service-error" : "service-refused", {
      detail: detail
        ? fact("refused-with-said", { code, said: detail })
        : fact("refused-with", { code }),
      ...rest,
    });
  }
}

/**
 * An answer of something on the way, or of nobody known. It says why, but nothing is done because
 * of it except waiting.
 */
export function unsignedFailure(reply: TransportReply, host: string, nowMs: number): OutriderError {
  const detail = fact("answered-unsigned", { host, status: reply.status });
  const retryAfterMs = parseRetryAfterMs(reply.headers["retry-after"], nowMs);
  const rest = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (reply.status === 413) return new OutriderError("path-upload-limit", { detail });
  if (reply.status === 429 || reply.status === 503)
    return new OutriderError("service-busy", { detail, ...rest });
  if (
    /html/i.test(reply.headers["content-type"] ?? "") ||
    /^\s*<(?:!doctype|html)/i.test(Buffer.from(reply.content.subarray(0, 200)).toString("latin1"))
  )
    return new OutriderError("service-block-page", { detail });
  if (reply.status >= 500) return new OutriderError("service-error", { detail });
  return new OutriderError("reply-unsigned", { detail });
}

/**
 * Worth a second try without waiting: the clock has just been learnt, the nonce was taken, or a
 * kept connection turned out to be dead. Every request of the protocol may be sent twice.
 */
function mayRepeatAtOnce(error: unknown, tookMs: number): boolean {
  if (!(error instanceof OutriderError)) return false;
  // What was cut while it waited was no dead connection.
  if (error.code === "connect-reset") return tookMs < deadConnectionMs;
  return ["connect-forgotten", "signature-clock", "signature-replayed"].includes(error.code);
}

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch {
    return undefined;
  }
}
