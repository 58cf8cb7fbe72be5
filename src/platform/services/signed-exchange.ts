import type { FastifyRequest } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact, quoted } from "../../base/messages/facts.ts";
import type { ServiceName } from "../../protocol/schemas/common.ts";
import { contentDigestMatches } from "../../protocol/signature/content-digest.ts";
import { isOlderRequest, verifyRequestHead } from "../../protocol/signature/profile.ts";
import { callerAddress } from "../https/caller-address.ts";
import { certifiedClient } from "../https/server.ts";
import type { Contact } from "../store/appliance-records.ts";
import type { PlatformContext } from "./context.ts";
import { describeCopy } from "./describe-copy.ts";
import { type Caller, type Exchange, findCandidate, isCodeId } from "./exchange.ts";

/**
 * How far a request's `created` may be from the platform's clock. Nonces are remembered at least as
 * long.
 */
const clockToleranceMs = 300_000;

/** What a route asks of its caller. */
export interface Admission {
  caller: Caller["kind"];
  /** Revoked appliances may use the route too. */
  revokedToo: boolean;
}

interface VerifiedHead {
  caller: Caller;
  keyId: string;
  nonce: string;
  createdMs: number;
}

/**
 * Checks all that a request's head says (RFC 9421 section 3.2): signature, time, nonce and caller,
 * in this order, because a caller that does not prove its identity learns nothing else. The
 * content's digest is part of what is signed, so nothing of the content is taken in before. Throws
 * OutriderError.
 */
export async function checkHead(
  exchange: Exchange,
  request: FastifyRequest,
  service: ServiceName,
  context: PlatformContext,
  admission: Admission,
): Promise<void> {
  const head = await verifyHead(exchange, request, service, context);
  const { caller, keyId, createdMs } = head;
  const now = context.clock.nowMs();
  if (Math.abs(createdMs - now) > clockToleranceMs)
    throw ofHead(
      exchange,
      new OutriderError("signature-clock", {
        detail: fact("request-time", { time: new Date(createdMs).toISOString() }),
      }),
    );
  if (head.nonce.length < 16)
    throw new OutriderError("signature-invalid", { detail: fact("nonce-short") });
  const bootId = exchange.url.searchParams.get("boot");
  const seen = { from: request.socket.remoteAddress ?? null, bootId };
  const contact = await rememberNonce(context, head, now, seen);
  if (contact === "replayed") throw ofHead(exchange, new OutriderError("signature-replayed"));
  // Not before: whoever stands on the way has old heads with right signatures.
  request.server.strangers.forget(request.raw.socket);
  const certified = certifiedClient(request.socket);
  // A second check, where no device ends TLS on the way: the client certificate must be the
  // appliance's own.
  if (caller.kind === "appliance" && certified !== null && certified !== caller.applianceId)
    throw new OutriderError("signature-invalid", {
      detail: fact("certificate-of-another"),
    });
  const refusal = await refusalOf(exchange, { caller, keyId, contact, bootId }, context, admission);
  if (refusal === null) return;
  // None of these depends on the content, so they are answers although it is not here yet.
  exchange.verified = true;
  throw refusal;
}

/**
 * Checks that the content is the signed one. From here on replies are answers. Throws OutriderError
 * "signature-invalid".
 */
export function checkContent(exchange: Exchange, request: FastifyRequest): void {
  const content = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  if (!contentDigestMatches(exchange.fields["content-digest"] ?? "", content))
    throw new OutriderError("signature-invalid", { detail: quoted("digest") });
  exchange.verified = true;
}

/** Sets the exchange's caller, and with what the reply is signed. */
async function verifyHead(
  exchange: Exchange,
  request: FastifyRequest,
  service: ServiceName,
  context: PlatformContext,
): Promise<VerifiedHead> {
  const { claimed, fields } = exchange;
  if (!claimed) throw new OutriderError("signature-invalid", { detail: fact("signature-absent") });
  const { keyId } = claimed;
  const candidate = await findCandidate(keyId, context);
  if (!candidate) throw new OutriderError("appliance-unknown");
  // The configured authority is verified and not the Host field: a request that was signed for
  // another host is refused, and one whose Host a reverse proxy changed is accepted.
  const { host, origin } = context.addresses.services[service];
  const url = new URL(origin + exchange.url.pathname + exchange.url.search);
  const verified = verifyRequestHead({ method: request.method, url }, fields, candidate.verifier);
  const { caller } = candidate;
  if (!verified.ok || caller === null) {
    // A wrong signature for a code that exists, and any for one that does not: the same words, so
    // that strangers cannot find out which codes there are.
    if (isCodeId(keyId)) throw wrongCode(request, context);
    const fault = verified.ok ? "signature" : verified.fault;
    const asked = exchange.url.host;
    throw new OutriderError("signature-invalid", {
      detail:
        asked === host ? quoted(fault) : fact("signature-fault-elsewhere", { fault, host, asked }),
    });
  }
  exchange.url = url;
  exchange.caller = caller;
  exchange.createdMs = verified.createdMs;
  exchange.replySigner = candidate.replySigner;
  const { nonce, createdMs } = verified;
  return { caller, keyId, nonce, createdMs };
}

/** Only wrong tries are counted, so that nobody can lock the owner of a code out. */
function wrongCode(request: FastifyRequest, { wrongCodes }: PlatformContext): OutriderError {
  const address = callerAddress(request);
  const waitMs = wrongCodes.waitMs(address);
  wrongCodes.count(address);
  if (waitMs === 0) return new OutriderError("code-unknown");
  return new OutriderError("service-busy", {
    detail: fact("too-many-requests"),
    retryAfterMs: waitMs,
  });
}

/**
 * Appliances of version 0.2 know signed answers only, and must learn of these two: by them they set
 * their time right, and make a new nonce.
 */
function ofHead(exchange: Exchange, error: OutriderError): OutriderError {
  if (isOlderRequest(exchange.claimed)) exchange.verified = true;
  return error;
}

/** Why a caller that has proven itself gets nothing else; null when it is let in. */
async function refusalOf(
  { claimed }: Exchange,
  seen: { caller: Caller; keyId: string; contact: Contact; bootId: string | null },
  context: PlatformContext,
  { caller: expected, revokedToo }: Admission,
): Promise<OutriderError | null> {
  const { caller, keyId, contact, bootId } = seen;
  if (!claimed || caller.kind !== expected)
    return new OutriderError("not-allowed", {
      detail: fact(expected === "code" ? "for-codes-only" : "for-appliances-only"),
    });
  if (caller.kind === "appliance" && caller.revoked && !revokedToo)
    return new OutriderError("appliance-revoked");
  if (contact === "copy")
    return new OutriderError("appliance-copy", {
      detail: await describeCopy(context, keyId, bootId),
    });
  if (contact === "too-many")
    return new OutriderError("service-busy", {
      detail: fact("too-many-requests"),
      retryAfterMs: 60_000,
    });
  return null;
}

async function rememberNonce(
  { store }: PlatformContext,
  { caller, keyId, nonce, createdMs }: VerifiedHead,
  now: number,
  seen: { from: string | null; bootId: string | null },
): Promise<Contact> {
  // After this moment the request's time alone makes it invalid. `created` is rounded to seconds,
  // so one second is added.
  const expiresAt = createdMs + clockToleranceMs + 1000;
  if (caller.kind === "appliance")
    return store.appliances.contact(
      caller.applianceId,
      nonce,
      now,
      expiresAt,
      seen.from,
      seen.bootId,
    );
  return store.appliances.useNonce(keyId, nonce, now, expiresAt);
}
