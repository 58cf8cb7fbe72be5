import { randomBytes } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ServiceName } from "../../protocol/schemas/common.ts";
import {
  type ClaimedSignature,
  claimedSignature,
  type ReceivedFields,
} from "../../protocol/signature/claimed-signature.ts";
import {
  ecdsaVerifierFromText,
  hmacKey,
  type SignatureVerifier,
  type Signer,
} from "../../protocol/signature/keys.ts";
import type { StoredCode } from "../store/appliance-records.ts";
import type { PlatformContext } from "./context.ts";

export type Caller =
  | { kind: "appliance"; applianceId: string; revoked: boolean }
  | { kind: "code"; code: StoredCode };

/** Who a request says it comes from, with the key that would prove it. */
export interface Candidate {
  /** Null for a code that does not exist: then nobody has the key. */
  caller: Caller | null;
  verifier: SignatureVerifier;
  /** With what a reply to the caller is signed once it has proven itself. */
  replySigner: Signer;
}

/**
 * One request to a service, with all that its signed reply needs, also a refusal.
 */
export interface Exchange {
  /** The URL as the caller signed it, so that the reply is bound to that request. */
  url: URL;
  fields: ReceivedFields;
  claimed: ClaimedSignature | null;
  /**
   * Signs the reply. Until the caller has proven itself it is the platform's own key: a refusal by a
   * code's key would let a stranger test guesses of the code at home.
   */
  replySigner: Signer;
  /** Set when the signature over the head fits. */
  caller: Caller | null;
  /** What the caller signed as its time; set with the caller. */
  createdMs: number | null;
  /**
   * Whether the request was verified as far as the reply depends on it; only then is the reply an
   * answer, and not a refusal.
   */
  verified: boolean;
}

/** The exchange of a request of which nothing is checked yet. */
export function openExchange(
  request: FastifyRequest,
  service: ServiceName,
  { addresses, replySigner }: PlatformContext,
): Exchange {
  const fields = receivedFields(request);
  return {
    url: requestUrl(request, addresses.services[service]),
    fields,
    claimed: claimedSignature(fields),
    replySigner,
    caller: null,
    createdMs: null,
    verified: false,
  };
}

const codePrefix = "code:";

export function isCodeId(keyId: string): boolean {
  return keyId.startsWith(codePrefix);
}

/**
 * Finds the key of the caller that a request names; null for an unknown appliance. For an unknown
 * code there is a key that nobody has: strangers must not learn which codes exist.
 */
export async function findCandidate(
  keyId: string,
  { store, replySigner }: Pick<PlatformContext, "store" | "replySigner">,
): Promise<Candidate | null> {
  if (isCodeId(keyId)) {
    const code = await store.codes.find(keyId.slice(codePrefix.length));
    const key = hmacKey(keyId, code?.activationKey ?? randomBytes(32));
    return { caller: code && { kind: "code", code }, verifier: key, replySigner: key };
  }
  const key = await store.appliances.key(keyId);
  return (
    key && {
      caller: { kind: "appliance", applianceId: keyId, revoked: key.revoked },
      verifier: ecdsaVerifierFromText(key.publicKey),
      replySigner,
    }
  );
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
