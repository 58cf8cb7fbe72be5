import type { FastifyRequest } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, said } from "../../base/messages/facts.ts";
import type { ServiceName } from "../../protocol/schemas/common.ts";
import {
  ecdsaVerifierFromText,
  hmacKey,
  type SignatureVerifier,
  type Signer,
} from "../../protocol/signature/keys.ts";
import {
  type ClaimedSignature,
  claimedSignature,
  type ReceivedFields,
  verifyRequest,
} from "../../protocol/signature/profile.ts";
import { certifiedClient } from "../https/server.ts";
import type { Contact, StoredCode } from "../store/appliance-records.ts";
import type { PlatformContext } from "./context.ts";

/**
 * How far a request's `created` may be from the platform's clock. Nonces are remembered at least as
 * long.
 */
const clockToleranceMs = 300_000;

export type Caller =
  | { kind: "appliance"; applianceId: string; revoked: boolean }
  | { kind: "code"; code: StoredCode };

/**
 * One request to a service, with all that its signed reply needs, also a refusal.
 */
export interface Exchange {
  /** The URL as the caller signed it, so that the reply is bound to that request. */
  url: URL;
  fields: ReceivedFields;
  replySigner: Signer;
  claimed: ClaimedSignature | null;
  verifier: SignatureVerifier | null;
  caller: Caller | null;
}

/**
 * Finds the caller of a request. Called before the body is read: a body is only read from a known
 * caller.
 */
export async function openExchange(
  request: FastifyRequest,
  service: ServiceName,
  context: PlatformContext,
): Promise<Exchange> {
  const fields = receivedFields(request);
  const exchange: Exchange = {
    url: requestUrl(request, context.addresses.services[service]),
    fields,
    replySigner: context.replySigner,
    claimed: claimedSignature(fields),
    verifier: null,
    caller: null,
  };
  const keyId = exchange.claimed?.keyId;
  if (keyId?.startsWith("code:")) {
    const code = await context.store.codes.find(keyId.slice("code:".length));
    if (code) {
      const key = hmacKey(keyId, code.activationKey);
      exchange.caller = { kind: "code", code };
      exchange.verifier = key;
      exchange.replySigner = key;
    }
  } else if (keyId !== undefined) {
    const key = await context.store.appliances.key(keyId);
    if (key) {
      exchange.caller = { kind: "appliance", applianceId: keyId, revoked: key.revoked };
      exchange.verifier = ecdsaVerifierFromText(key.publicKey);
    }
  }
  return exchange;
}

/**
 * Throws OutriderError "signature-invalid", "code-unknown", "appliance-unknown" or "not-allowed"
 * for a caller that is unknown or of the wrong kind.
 */
export function checkCaller(exchange: Exchange, expected: Caller["kind"]): void {
  const { claimed, caller } = exchange;
  if (!claimed)
    throw new OutriderError("signature-invalid", {
      detail: fact("signature-absent"),
    });
  if (!caller)
    throw new OutriderError(
      claimed.keyId.startsWith("code:") ? "code-unknown" : "appliance-unknown",
    );
  if (caller.kind !== expected)
    throw new OutriderError("not-allowed", {
      detail: fact(expected === "code" ? "for-codes-only" : "for-appliances-only"),
    });
}

/**
 * Checks a request's signature, time and nonce (RFC 9421 section 3.2), in this order: a caller that
 * does not prove its identity learns nothing else. Throws OutriderError.
 */
export async function checkSignature(
  exchange: Exchange,
  request: FastifyRequest,
  service: ServiceName,
  context: PlatformContext,
  revokedToo: boolean,
): Promise<void> {
  const { verifier, caller, fields } = exchange;
  if (!verifier || !caller) throw new OutriderError("signature-invalid");
  // The configured authority is verified and not the Host field: a request that was signed for
  // another host is refused, and one whose Host a reverse proxy changed is accepted.
  const { host, origin } = context.addresses.services[service];
  const url = new URL(origin + exchange.url.pathname + exchange.url.search);
  const content = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const verified = verifyRequest({ method: request.method, url, content }, fields, verifier);
  if (!verified.ok) {
    const { fault } = verified;
    const asked = exchange.url.host;
    throw new OutriderError("signature-invalid", {
      detail:
        asked === host ? said(fault) : fact("signature-fault-elsewhere", { fault, host, asked }),
    });
  }
  exchange.url = url;
  const now = context.clock.nowMs();
  if (Math.abs(verified.createdMs - now) > clockToleranceMs) {
    throw new OutriderError("signature-clock", {
      detail: fact("request-time", { time: new Date(verified.createdMs).toISOString() }),
    });
  }
  if (verified.nonce.length < 16)
    throw new OutriderError("signature-invalid", { detail: fact("nonce-short") });
  const seen = { from: request.socket.remoteAddress ?? null, bootId: url.searchParams.get("boot") };
  const contact = await rememberNonce(context, caller, verified, now, seen);
  if (contact === "replayed") throw new OutriderError("signature-replayed");
  const certified = certifiedClient(request.socket);
  // A second check, where no device ends TLS on the way: the client certificate must be the
  // appliance's own.
  if (caller.kind === "appliance" && certified !== null && certified !== caller.applianceId)
    throw new OutriderError("signature-invalid", {
      detail: fact("certificate-of-another"),
    });
  // The caller has proven its identity by now, so that only the appliance itself learns of this.
  if (caller.kind === "appliance" && caller.revoked && !revokedToo)
    throw new OutriderError("appliance-revoked");
  if (contact === "copy")
    throw new OutriderError("appliance-copy", {
      detail: await describeCopy(context, verified.keyId, seen.bootId),
    });
  if (contact === "too-many")
    throw new OutriderError("service-busy", {
      detail: fact("too-many-requests"),
      retryAfterMs: 60_000,
    });
}

async function rememberNonce(
  { store }: PlatformContext,
  caller: Caller,
  { keyId, nonce, createdMs }: { keyId: string; nonce: string; createdMs: number },
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

/** Both machines that call under one identity, so that the reader can tell them apart. */
export async function describeCopy(
  { store }: Pick<PlatformContext, "store">,
  applianceId: string,
  bootId: string | null,
): Promise<Fact[]> {
  const [appliance, boots] = await Promise.all([
    store.appliances.find(applianceId),
    store.appliances.boots(applianceId),
  ]);
  const describe = (code: "copy-original" | "copy-this", id: string | null | undefined): Fact => {
    const boot = boots.find((each) => each.bootId === id);
    if (!boot) return fact(code === "copy-this" ? "copy-this-unknown" : "copy-original-unknown");
    return fact(code, {
      addresses: boot.addresses || "no address",
      from: boot.seenFrom ?? "nowhere",
      start: boot.bootId.slice(0, 8),
    });
  };
  return [describe("copy-original", appliance?.bootId), describe("copy-this", bootId)];
}

/**
 * The URL as the caller wrote it. A refusal is signed for it, so that a caller that called the
 * wrong host can verify the reason.
 */
function requestUrl(request: FastifyRequest, service: URL): URL {
  const target = request.raw.url ?? "";
  if (!target.startsWith("/"))
    throw new OutriderError("request-invalid", { detail: fact("path-none") });
  const host = request.headers.host;
  const received = `https://${host}`;
  const authority =
    host !== undefined && URL.canParse(received) && new URL(received).pathname === "/"
      ? new URL(received).origin
      : service.origin;
  const url = URL.canParse(authority + target) ? new URL(authority + target) : null;
  // The signature covers the URL in its normal form. A target in another form could be routed
  // differently from what was signed.
  if (!url || url.pathname + url.search !== target)
    throw new OutriderError("request-invalid", {
      detail: fact("path-not-normal"),
    });
  return url;
}

function receivedFields(request: FastifyRequest): ReceivedFields {
  const fields: ReceivedFields = {};
  for (const name of ["content-digest", "signature-input", "signature"] as const) {
    const value = request.headers[name];
    if (typeof value === "string") fields[name] = value;
  }
  return fields;
}
