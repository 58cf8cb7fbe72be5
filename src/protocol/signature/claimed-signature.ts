/** The name of the profile's one signature in the fields of a message. */
export const label = "outrider";

export type ReceivedFields = Partial<
  Record<"content-digest" | "signature-input" | "signature", string>
>;

/** A received message's claims about its signature, before it is verified. */
export interface ClaimedSignature {
  keyId: string;
  tag: string;
  algorithm: string;
  createdMs: number;
  nonce: string;
  signature: Uint8Array;
}

/** Longer fields are refused before they are parsed; those of this profile are below 500. */
export const longestFieldCharacters = 1000;

/** Parses the fields of a received message; null when they are missing or not of this profile. */
export function claimedSignature(fields: ReceivedFields): ClaimedSignature | null {
  const input = fields["signature-input"];
  const value = fields.signature;
  if (
    input === undefined ||
    value === undefined ||
    input.length > longestFieldCharacters ||
    value.length > longestFieldCharacters
  )
    return null;
  const text = '"([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*)"';
  const read = new RegExp(
    `^${label}=\\([^()]*\\);created=(\\d{1,12});nonce=${text};keyid=${text};alg=${text};tag=${text}$`,
  ).exec(input);
  const signature = new RegExp(`^${label}=:([A-Za-z0-9+/]+={0,2}):$`).exec(value)?.[1];
  if (!read || signature === undefined) return null;
  const [, created, nonce, keyId, algorithm, tag] = read;
  if (
    created === undefined ||
    nonce === undefined ||
    keyId === undefined ||
    algorithm === undefined ||
    tag === undefined
  )
    return null;
  const bytes = Buffer.from(signature, "base64");
  // RFC 4648 section 3.5: the same bytes can be encoded in several ways; accept only the canonical
  // one, so that one message has one text.
  if (bytes.toString("base64") !== signature) return null;
  return { keyId, tag, algorithm, createdMs: Number(created) * 1000, nonce, signature: bytes };
}
