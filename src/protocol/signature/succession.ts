import { ecdsaVerifierFromText, type Signer } from "./keys.ts";

/** A reply key as the messages have it. */
interface ReplyKey {
  keyId: string;
  /** SubjectPublicKeyInfo, DER in base64. */
  publicKey: string;
  endsAt?: number;
}

/** A succession as the messages have it. */
interface Succession {
  from: string;
  to: ReplyKey;
  signature: string;
}

/**
 * What the signature of a succession covers. No base of a signed message (RFC 9421 section 2.5)
 * begins like that, so that neither can be taken for the other.
 */
function successionText(from: string, { keyId, publicKey, endsAt }: ReplyKey): Uint8Array {
  return Buffer.from(
    JSON.stringify(["outrider-succession-1", from, keyId, publicKey, endsAt ?? null]),
  );
}

/** The id of a reply key is derived from it: no other key can be announced under the same id. */
export function replyKeyId(publicKey: string): string {
  return `reply:${Buffer.from(publicKey, "base64").subarray(-9).toString("base64url")}`;
}

/** The key of `signer` vouches for the next one. */
export function vouchFor(to: ReplyKey, signer: Signer): Succession {
  const signature = Buffer.from(signer.sign(successionText(signer.keyId, to))).toString("base64");
  return { from: signer.keyId, to, signature };
}

/** Whether a key is believed at this moment. */
export function isBelieved({ endsAt }: ReplyKey, nowMs: number): boolean {
  return endsAt === undefined || nowMs < endsAt;
}

/**
 * The keys that follow from the known ones: each vouched for by one that is known, or follows
 * itself, and is still believed. Whoever sends the successions cannot add a key to them.
 */
export function successorsOf(
  known: readonly ReplyKey[],
  successions: readonly Succession[],
  nowMs: number,
): ReplyKey[] {
  const proven = new Map(known.map((key) => [key.keyId, key]));
  const found: ReplyKey[] = [];
  // Whatever their order, each round follows at least one more, or ends.
  for (let grown = true; grown; ) {
    grown = false;
    for (const succession of successions) {
      const { to } = succession;
      const from = proven.get(succession.from);
      if (!from || proven.has(to.keyId) || !isBelieved(from, nowMs)) continue;
      if (to.keyId !== replyKeyId(to.publicKey) || !vouches(from, succession)) continue;
      proven.set(to.keyId, to);
      found.push(to);
      grown = true;
    }
  }
  return found.filter((key) => isBelieved(key, nowMs));
}

function vouches(from: ReplyKey, { to, signature }: Succession): boolean {
  if (!isReadable(to)) return false;
  return ecdsaVerifierFromText(from.publicKey).verify(
    successionText(from.keyId, to),
    Buffer.from(signature, "base64"),
  );
}

function isReadable({ publicKey }: ReplyKey): boolean {
  try {
    ecdsaVerifierFromText(publicKey);
    return true;
  } catch {
    return false;
  }
}
