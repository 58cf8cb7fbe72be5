import {
  type ClaimedSignature,
  claimedSignature,
  label,
  longestFieldCharacters,
  type ReceivedFields,
} from "./claimed-signature.ts";
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
const requestTag = "outrider-request-2";
/** The request's tag up to version 0.2. Its content is signed alike; the replies to it are not. */
const olderRequestTag = "outrider-request-1";

/**
 * What a signed reply says of the request that it is bound to:
 *
 * - answer: the platform verified the request, head and content, and this is what follows from it;
 * - refusal: the platform did not verify it. Somebody on the way may have caused that, so nothing
 *   but waiting and another try may follow from it;
 * - older answer: as an answer, in the form of version 0.2, which is bound to less of the request.
 */
export type ReplyKind = "answer" | "refusal" | "older-answer";

const replyTags: Readonly<Record<ReplyKind, string>> = {
  answer: "outrider-answer-2",
  refusal: "outrider-refusal-2",
  "older-answer": "outrider-reply-1",
};

export interface SignedFields {
  "content-digest": string;
  "signature-input": string;
  signature: string;
}

export interface RequestHead {
  method: string;
  url: URL;
}

export interface SignableRequest extends RequestHead {
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

export type SignatureFault = "missing" | "malformed" | "digest" | "algorithm" | "signature";

export type Verification =
  | { ok: true; keyId: string; createdMs: number; nonce: string }
  | { ok: false; fault: SignatureFault };

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

/**
 * @param request its content is not read: the reply is bound to the digest among `requestFields`
 * @param requestFields the signature fields of the request as they were received
 */
export function signReply(
  kind: ReplyKind,
  reply: SignableReply,
  request: RequestHead,
  requestFields: ReceivedFields,
  signer: Signer,
  createdMs: number,
  nonce: string,
): SignedFields {
  const digest = contentDigest(reply.content);
  const components = replyComponents(kind, reply, digest, request, requestFields);
  return signedFields(components, digest, signer, {
    created: Math.floor(createdMs / 1000),
    nonce,
    tag: replyTags[kind],
  });
}

/**
 * Verifies a request's head. The signature covers the content's digest, so that a request can be
 * refused before its content is taken in; `contentDigestMatches` then verifies the content.
 */
export function verifyRequestHead(
  request: RequestHead,
  fields: ReceivedFields,
  verifier: SignatureVerifier,
): Verification {
  const tag = isOlderRequest(claimedSignature(fields)) ? olderRequestTag : requestTag;
  return verifyComponents(fields, verifier, tag, (digest) => requestComponents(request, digest));
}

export function verifyRequest(
  request: SignableRequest,
  fields: ReceivedFields,
  verifier: SignatureVerifier,
): Verification {
  return withContent(verifyRequestHead(request, fields, verifier), fields, request.content);
}

/** Verifies that the platform gave exactly this reply to exactly this request. */
export function verifyReply(
  kind: ReplyKind,
  reply: SignableReply,
  fields: ReceivedFields,
  request: RequestHead,
  requestFields: ReceivedFields,
  verifier: SignatureVerifier,
): Verification {
  const verified = verifyComponents(fields, verifier, replyTags[kind], (digest) =>
    replyComponents(kind, reply, digest, request, requestFields),
  );
  return withContent(verified, fields, reply.content);
}

/** Whether a request has the form of version 0.2, whose appliances read older answers only. */
export function isOlderRequest(claimed: ClaimedSignature | null): boolean {
  return claimed?.tag === olderRequestTag;
}

/** What a reply says it is, before it is verified; null when it is no reply of this profile. */
export function claimedKind({ tag }: ClaimedSignature): ReplyKind | null {
  const kinds = ["answer", "refusal", "older-answer"] as const;
  return kinds.find((kind) => replyTags[kind] === tag) ?? null;
}

function requestComponents({ method, url }: RequestHead, digest: string): Component[] {
  return [...targetComponents(method, url, ""), { identifier: '"content-digest"', value: digest }];
}

/**
 * RFC 9421 section 2.4: bind the reply to its request. The request's signature alone does not do
 * that: a reply would still fit when somebody on the way had changed what the signature was made
 * over, as the key's id, and the platform had answered that. So all that the appliance sent is
 * covered, as the platform received it; what was missing there is left out, and then the reply fits
 * to no request that an appliance sends.
 */
function replyComponents(
  kind: ReplyKind,
  { status }: SignableReply,
  digest: string,
  request: RequestHead,
  requestFields: ReceivedFields,
): Component[] {
  const components = [
    { identifier: '"@status"', value: String(status) },
    { identifier: '"content-digest"', value: digest },
    ...targetComponents(request.method, request.url, ";req"),
  ];
  const asked = requestFields["content-digest"];
  if (kind !== "older-answer" && asked !== undefined)
    components.push({ identifier: '"content-digest";req', value: asked });
  for (const [name, value] of memberValues(kind, requestFields))
    components.push({ identifier: `"${name}";req;key="${label}"`, value });
  return components;
}

/** RFC 9421 section 2.1.2: the values of this profile's member in the request's two fields. */
function memberValues(kind: ReplyKind, fields: ReceivedFields): [string, string][] {
  const members: [string, string][] = [];
  const input = /^outrider=(\([^()]*\);[\x20-\x7e]{1,900})$/.exec(
    fields["signature-input"] ?? "",
  )?.[1];
  if (kind !== "older-answer" && input !== undefined) members.push(["signature-input", input]);
  const signature = /^outrider=(:[A-Za-z0-9+/=]{1,800}:)$/.exec(fields.signature ?? "")?.[1];
  if (signature !== undefined) members.push(["signature", signature]);
  return members;
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

function withContent(
  verified: Verification,
  fields: ReceivedFields,
  content: Uint8Array,
): Verification {
  if (!verified.ok || contentDigestMatches(fields["content-digest"] ?? "", content))
    return verified;
  return { ok: false, fault: "digest" };
}

function verifyComponents(
  fields: ReceivedFields,
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
  if (!claimed || digest.length > longestFieldCharacters || /[\r\n]/.test(digest))
    return { ok: false, fault: "malformed" };
  if (claimed.algorithm !== verifier.algorithm) return { ok: false, fault: "algorithm" };
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
