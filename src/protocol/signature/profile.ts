import { contentDigest, contentDigestMatches } from "./content-digest.ts";
import type { SignatureVerifier, Signer } from "./keys.ts";
import {
  type Component,
  type SignatureParameters,
  signatureBase,
  signatureParameters,
} from "./signature-base.ts";

/**
 * Outrider's profile of RFC 9421: one signature, labelled "outrider", over a fixed list of
 * components. With a fixed list no component can be left out, and no general parser is needed.
 */
const label = "outrider";
const requestTag = "outrider-request-1";
const replyTag = "outrider-reply-1";

export interface SignedFields {
  "content-digest": string;
  "signature-input": string;
  signature: string;
}

export interface SignableRequest {
  method: string;
  url: URL;
  content: Uint8Array;
  /**
   * The content's, in hexadecimal, if it is known already. It is used to sign, never to verify.
   */
  sha256?: string | undefined;
}

export interface SignableReply {
  status: number;
  content: Uint8Array;
}

export type ReceivedFields = Partial<
  Record<"content-digest" | "signature-input" | "signature", string>
>;

export type SignatureFault = "missing" | "malformed" | "digest" | "algorithm" | "signature";

export type Verification =
  | { ok: true; keyId: string; createdMs: number; nonce: string }
  | { ok: false; fault: SignatureFault };

/** A received message's claims about its signature, before it is verified. */
export interface ClaimedSignature {
  keyId: string;
  algorithm: string;
  createdMs: number;
  nonce: string;
  signature: Uint8Array;
}

/**
 * Throws RangeError for a key id or nonce outside printable ASCII.
 *
 * @param nonce base64url text, new for each request: the platform refuses a repeated one
 */
export function signRequest(
  request: SignableRequest,
  signer: Signer,
  createdMs: number,
  nonce: string,
): SignedFields {
  const digest = contentDigest(request.content, request.sha256);
  return signedFields(requestComponents(request, digest), digest, signer, {
    created: Math.floor(createdMs / 1000),
    nonce,
    tag: requestTag,
  });
}

/** @param requestFields the signature fields of the answered request; null if it had none */
export function signReply(
  reply: SignableReply,
  request: SignableRequest,
  requestFields: ReceivedFields | null,
  signer: Signer,
  createdMs: number,
  nonce: string,
): SignedFields {
  const digest = contentDigest(reply.content);
  return signedFields(replyComponents(reply, digest, request, requestFields), digest, signer, {
    created: Math.floor(createdMs / 1000),
    nonce,
    tag: replyTag,
  });
}

export function verifyRequest(
  request: SignableRequest,
  fields: ReceivedFields,
  verifier: SignatureVerifier,
): Verification {
  return verifyComponents(fields, request.content, verifier, requestTag, (digest) =>
    requestComponents(request, digest),
  );
}

/** Verifies that the platform gave exactly this reply to exactly this request. */
export function verifyReply(
  reply: SignableReply,
  fields: ReceivedFields,
  request: SignableRequest,
  requestFields: ReceivedFields,
  verifier: SignatureVerifier,
): Verification {
  return verifyComponents(fields, reply.content, verifier, replyTag, (digest) =>
    replyComponents(reply, digest, request, requestFields),
  );
}

/** Longer fields are refused before they are parsed; those of this profile are below 500. */
const longestField = 1000;

/** Parses the fields of a received message; null when they are missing or not of this profile. */
export function claimedSignature(fields: ReceivedFields): ClaimedSignature | null {
  const input = fields["signature-input"];
  const value = fields.signature;
  if (
    input === undefined ||
    value === undefined ||
    input.length > longestField ||
    value.length > longestField
  )
    return null;
  const text = '"([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*)"';
  const read = new RegExp(
    `^${label}=\\([^()]*\\);created=(\\d{1,12});nonce=${text};keyid=${text};alg=${text};tag=${text}$`,
  ).exec(input);
  const signature = new RegExp(`^${label}=:([A-Za-z0-9+/]+={0,2}):$`).exec(value)?.[1];
  if (!read || signature === undefined) return null;
  const [, created, nonce, keyId, algorithm] = read;
  if (
    created === undefined ||
    nonce === undefined ||
    keyId === undefined ||
    algorithm === undefined
  )
    return null;
  const bytes = Buffer.from(signature, "base64");
  // RFC 4648 section 3.5: the same bytes can be encoded in several ways; accept only the canonical
  // one, so that one message has one text.
  if (bytes.toString("base64") !== signature) return null;
  return { keyId, algorithm, createdMs: Number(created) * 1000, nonce, signature: bytes };
}

function requestComponents({ method, url }: SignableRequest, digest: string): Component[] {
  return [...targetComponents(method, url, ""), { identifier: '"content-digest"', value: digest }];
}

/**
 * RFC 9421 section 2.4: bind the reply to its request, so that it cannot be replayed as the reply to
 * another one.
 */
function replyComponents(
  { status }: SignableReply,
  digest: string,
  request: SignableRequest,
  requestFields: ReceivedFields | null,
): Component[] {
  const components = [
    { identifier: '"@status"', value: String(status) },
    { identifier: '"content-digest"', value: digest },
    ...targetComponents(request.method, request.url, ";req"),
  ];
  const signature = /^outrider=(:[A-Za-z0-9+/=]{1,800}:)$/.exec(
    requestFields?.signature ?? "",
  )?.[1];
  if (signature !== undefined)
    components.push({ identifier: `"signature";req;key="${label}"`, value: signature });
  return components;
}

function targetComponents(method: string, url: URL, suffix: string): Component[] {
  return [
    { identifier: `"@method"${suffix}`, value: method.toUpperCase() },
    { identifier: `"@authority"${suffix}`, value: url.host },
    { identifier: `"@path"${suffix}`, value: url.pathname },
    // RFC 9421 section 2.2.7: the question mark belongs to the value, also of an empty query.
    { identifier: `"@query"${suffix}`, value: url.search === "" ? "?" : url.search },
  ];
}

function signedFields(
  components: Component[],
  digest: string,
  signer: Signer,
  rest: Omit<SignatureParameters, "keyid" | "alg">,
): SignedFields {
  const parameters = signatureParameters(components, {
    ...rest,
    keyid: signer.keyId,
    alg: signer.algorithm,
  });
  const signature = Buffer.from(signer.sign(signatureBase(components, parameters))).toString(
    "base64",
  );
  return {
    "content-digest": digest,
    "signature-input": `${label}=${parameters}`,
    signature: `${label}=:${signature}:`,
  };
}

function verifyComponents(
  fields: ReceivedFields,
  content: Uint8Array,
  verifier: SignatureVerifier,
  tag: string,
  expected: (digest: string) => Component[],
): Verification {
  const digest = fields["content-digest"];
  if (
    digest === undefined ||
    fields["signature-input"] === undefined ||
    fields.signature === undefined
  )
    return { ok: false, fault: "missing" };
  const claimed = claimedSignature(fields);
  if (!claimed || digest.length > longestField || /[\r\n]/.test(digest))
    return { ok: false, fault: "malformed" };
  if (claimed.algorithm !== verifier.algorithm) return { ok: false, fault: "algorithm" };
  if (!contentDigestMatches(digest, content)) return { ok: false, fault: "digest" };
  const components = expected(digest);
  const { keyId, createdMs, nonce } = claimed;
  const parameters = signatureParameters(components, {
    created: createdMs / 1000,
    nonce,
    keyid: keyId,
    alg: claimed.algorithm,
    tag,
  });
  // RFC 9421 section 3.2: re-create the signature base, from our components and the received
  // parameters, so that a signature over other components is refused.
  if (fields["signature-input"] !== `${label}=${parameters}`)
    return { ok: false, fault: "malformed" };
  if (!verifier.verify(signatureBase(components, parameters), claimed.signature))
    return { ok: false, fault: "signature" };
  return { ok: true, keyId, createdMs, nonce };
}
