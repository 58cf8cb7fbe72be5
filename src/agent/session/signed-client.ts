import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import type { Validator } from "../../base/validation.ts";
import { claimedSignature } from "../../protocol/signature/claimed-signature.ts";
import type { SignatureVerifier, Signer } from "../../protocol/signature/keys.ts";
import {
  claimedKind,
  type SignatureFault,
  type SignedFields,
  signRequest,
  verifyReply,
} from "../../protocol/signature/profile.ts";
import type { Transport, TransportReply } from "../../transport/http-transport.ts";
import type { AgentCounters } from "../status/counters.ts";
import { contentAsJson } from "./reply-content.ts";
import {
  answeredWith,
  platformError,
  UnknownReplyKey,
  unprovenRefusal,
  unsignedFailure,
} from "./reply-errors.ts";
import type { ServerClock } from "./server-clock.ts";

interface RequestOptions {
  url: string;
  /** From sending the request to the head of the reply; 12 s when absent. */
  limitMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface SignedRequest<T> extends RequestOptions {
  method: "GET" | "POST" | "PUT";
  /** Bytes are sent unchanged, everything else as JSON. */
  body?: unknown;
  /** SHA-256 of a body of bytes, in hexadecimal, when the caller knows it already. */
  sha256?: string | undefined;
  reply: Validator<T>;
}

/** A signed GET whose reply is bytes instead of JSON. */
export interface SignedDownload extends RequestOptions {
  longestBytes: number;
}

export interface SignedClientParts {
  transport: Transport;
  signer: Signer;
  /** Keys with which the platform may sign its answers, by key id. */
  replyKeys: Pick<ReadonlyMap<string, SignatureVerifier>, "get">;
  /** Keys with which it may sign refusals of unverified requests besides. */
  refusalKeys?: ReadonlyMap<string, SignatureVerifier> | undefined;
  clock: Clock;
  serverClock: ServerClock;
  random: Random;
  counters: Pick<AgentCounters, "requests" | "failures" | "repeats">;
  softwareVersion: string;
  /**
   * Codes that are reported, as UnverifiedRefusal, although no known key signed the reply: a platform
   * cannot prove itself by an activation code that it does not know.
   */
  unprovenRefusals?: readonly ErrorCode[] | undefined;
  /** Identifies the start of the machine. Sent in the query, where the signature covers it. */
  bootId?: string | undefined;
}

interface OutgoingRequest {
  method: "GET" | "POST" | "PUT";
  url: URL;
  content: Uint8Array;
  headers: Record<string, string>;
  /** The signature fields among the headers. */
  signed: SignedFields;
}

/** A reply, and the monotonic moments between which the platform made it. */
interface Exchange {
  reply: TransportReply;
  kind: "answer" | "refusal";
  sentAtMs: number;
  receivedAtMs: number;
}

const usualLimitMs = 12_000;
/** A reused connection that is dead fails as soon as something is sent over it. */
const deadConnectionMs = 5000;

/**
 * Signs every request, and accepts only replies that the platform signed for this very request. An
 * error of its answer is a PlatformAnswer, of a refusal an UnverifiedRefusal.
 */
export class SignedClient {
  readonly #parts: SignedClientParts;

  constructor(parts: SignedClientParts) {
    this.#parts = parts;
  }

  /**
   * The validated reply. Throws an OutriderError: the platform's code, a code of the path, or
   * "service-unexpected" when the reply does not fit its schema.
   */
  async request<T>(request: SignedRequest<T>): Promise<T> {
    return this.#withOneRepeat(request.signal, async () => {
      const exchange = await this.#exchange(request);
      return this.#read(exchange, request);
    });
  }

  /** Throws as `request` does, and "service-unexpected" when the reply is too long. */
  async download({ longestBytes, ...options }: SignedDownload): Promise<Uint8Array> {
    return this.#withOneRepeat(options.signal, async () => {
      const { reply, kind } = await this.#exchange({ method: "GET", ...options });
      if (reply.status !== 200 || kind === "refusal") throw platformError(reply, kind);
      if (reply.content.length > longestBytes)
        throw new OutriderError("service-unexpected", {
          detail: fact("answered-long", { bytes: reply.content.length, most: longestBytes }),
        });
      return reply.content;
    });
  }

  /** Counts the request, and repeats it once where that needs no waiting. */
  async #withOneRepeat<T>(signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
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
      // "not-found" is a regular reply: some requests only ask whether something exists.
      const replied = answeredWith(error, "not-found") !== null;
      if (!signal?.aborted && !replied) counters.failures++;
      throw error;
    }
  }

  /** Signs, sends, verifies, and learns the platform's time. */
  async #exchange(request: Omit<SignedRequest<unknown>, "reply">): Promise<Exchange> {
    const outgoing = this.#sign(request);
    const sent = await this.#send(outgoing, request);
    const { kind, createdMs } = this.#verify(sent.reply, outgoing);
    const exchange = { ...sent, kind };
    // `created` counts whole seconds (RFC 9421 section 2.3: signature parameters), so the moment is
    // half a second later, give or take half a second.
    const { serverClock } = this.#parts;
    serverClock.learn(createdMs + 500, exchange.sentAtMs, exchange.receivedAtMs, 500);
    return exchange;
  }

  #sign({
    method,
    url: address,
    body,
    sha256,
  }: Omit<SignedRequest<unknown>, "reply">): OutgoingRequest {
    const { signer, serverClock, random, softwareVersion, bootId } = this.#parts;
    const url = new URL(address);
    if (bootId !== undefined) url.searchParams.set("boot", bootId);
    const content = encodeBody(body);
    const nonce = Buffer.from(random.bytes(16)).toString("base64url");
    // RFC 9421 section 3.1: create a signature, over the components that the profile fixes.
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
      "user-agent": `Outrider/${softwareVersion}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return { method, url, content, headers, signed };
  }

  async #send(
    { method, url, content, headers }: OutgoingRequest,
    { limitMs = usualLimitMs, signal }: Pick<RequestOptions, "limitMs" | "signal">,
  ): Promise<Omit<Exchange, "kind">> {
    const { transport, clock } = this.#parts;
    const sentAtMs = clock.monotonicMs();
    const options = signal ? { limitMs, signal } : { limitMs };
    const reply = await transport.request({ method, url, headers, content, ...options });
    return { reply, sentAtMs, receivedAtMs: clock.monotonicMs() };
  }

  /**
   * Verifies a signature (RFC 9421 section 3.2). Steps 1 to 4, parse the fields and examine the
   * parameters: claimedSignature(). Step 5, determine the key: by its id. Steps 6 to 8, determine the
   * algorithm, re-create the signature base and verify: verifyReply(), which also checks the
   * content's digest (RFC 9530 section 2: Content-Digest).
   *
   * Throws an OutriderError when no known key signed this reply to this request.
   */
  #verify(
    reply: TransportReply,
    request: OutgoingRequest,
  ): Pick<Exchange, "kind"> & { createdMs: number } {
    const { replyKeys, refusalKeys, serverClock, unprovenRefusals = [] } = this.#parts;
    const { host } = request.url;
    const claimed = claimedSignature(reply.headers);
    if (!claimed) throw unsignedFailure(reply, host, serverClock.nowMs());
    const kind = claimedKind(claimed);
    const forged = (fault: SignatureFault) =>
      new OutriderError("reply-forged", { detail: fact(`signature-${fault}`, { host }) });
    if (kind === null) throw forged("malformed");
    // It is bound to less of the request, so that nothing can be believed of it but this.
    if (kind === "older-answer")
      throw new OutriderError("platform-older", { detail: fact("platform-signs-older", { host }) });
    const verifier =
      replyKeys.get(claimed.keyId) ??
      (kind === "refusal" ? refusalKeys?.get(claimed.keyId) : undefined);
    if (!verifier)
      throw (
        unprovenRefusal(reply, host, unprovenRefusals) ?? new UnknownReplyKey(host, claimed.keyId)
      );
    const { method, url, signed } = request;
    const verified = verifyReply(kind, reply, reply.headers, { method, url }, signed, verifier);
    if (!verified.ok) throw forged(verified.fault);
    return { kind, createdMs: verified.createdMs };
  }

  #read<T>({ reply, kind, sentAtMs, receivedAtMs }: Exchange, request: SignedRequest<T>): T {
    const { serverClock } = this.#parts;
    if (kind === "refusal" || reply.status < 200 || reply.status > 299)
      throw platformError(reply, kind);
    const parsed = contentAsJson(reply);
    const validated = request.reply(parsed);
    if (!validated.valid) {
      const [first] = validated.violations;
      throw new OutriderError("service-unexpected", {
        detail: fact("answered-malformed", {
          host: new URL(request.url).host,
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
}

function encodeBody(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array();
  return body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
}

/**
 * Whether a second attempt may follow at once: the platform's time was just learnt, the nonce was
 * used before, or a reused connection was dead. Every request of the protocol may be sent twice.
 */
function mayRepeatAtOnce(error: unknown, tookMs: number): boolean {
  if (!(error instanceof OutriderError)) return false;
  // A connection that was cut while the request waited was not dead before.
  if (error.code === "connect-reset") return tookMs < deadConnectionMs;
  return ["connect-forgotten", "signature-clock", "signature-replayed"].includes(error.code);
}
