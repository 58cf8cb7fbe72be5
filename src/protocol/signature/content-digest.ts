import { createHash, timingSafeEqual } from "node:crypto";

/**
 * The Content-Digest field of a message's content, by SHA-256 (RFC 9530 section 2).
 *
 * @param sha256 the content's, in hexadecimal, if it is known already
 */
export function contentDigest(content: Uint8Array, sha256?: string): string {
  const digest =
    sha256 === undefined
      ? createHash("sha256").update(content).digest()
      : Buffer.from(sha256, "hex");
  return `sha-256=:${digest.toString("base64")}:`;
}

/**
 * Whether `field` holds the SHA-256 of `content`. Digests of other algorithms in it are ignored (RFC
 * 9530 section 2).
 */
export function contentDigestMatches(field: string, content: Uint8Array): boolean {
  const found = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(field)?.[1];
  if (found === undefined) return false;
  return timingSafeEqual(
    Buffer.from(found, "base64"),
    createHash("sha256").update(content).digest(),
  );
}
