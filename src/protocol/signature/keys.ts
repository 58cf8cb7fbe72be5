import {
  createHmac,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

export type SignatureAlgorithm = "ecdsa-p256-sha256" | "hmac-sha256";

export interface Signer {
  keyId: string;
  algorithm: SignatureAlgorithm;
  sign(bytes: Uint8Array): Uint8Array;
}

export interface SignatureVerifier {
  algorithm: SignatureAlgorithm;
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * RFC 9421 section 3.3.4: ECDSA with P-256 and SHA-256. The signature is r and s, 32 bytes each.
 */
export function ecdsaSigner(keyId: string, privateKey: KeyObject): Signer {
  return {
    keyId,
    algorithm: "ecdsa-p256-sha256",
    sign: (bytes) => sign("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/** Throws RangeError for a key of another curve. */
export function ecdsaVerifier(publicKey: KeyObject): SignatureVerifier {
  if (publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new RangeError("not a P-256 key");
  return {
    algorithm: "ecdsa-p256-sha256",
    verify: (bytes, signature) =>
      signature.length === 64 &&
      verify("sha256", bytes, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature),
  };
}

/**
 * Throws when the text is not a P-256 key.
 *
 * @param publicKey SubjectPublicKeyInfo, DER in base64, as in the protocol's `ReplyKey`
 */
export function ecdsaVerifierFromText(publicKey: string): SignatureVerifier {
  return ecdsaVerifier(
    createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" }),
  );
}

/** RFC 9421 section 3.3.3: HMAC with SHA-256. */
export function hmacKey(keyId: string, key: Uint8Array): Signer & SignatureVerifier {
  const mac = (bytes: Uint8Array) => createHmac("sha256", key).update(bytes).digest();
  return {
    keyId,
    algorithm: "hmac-sha256",
    sign: mac,
    verify: (bytes, signature) => signature.length === 32 && timingSafeEqual(mac(bytes), signature),
  };
}
