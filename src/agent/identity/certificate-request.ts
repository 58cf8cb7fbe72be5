import type { DeviceKey } from "./device-key.ts";

/** The DER tags (ITU-T X.690) that a certificate request needs. */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  attributes: 0xa0,
} as const;
/** 2.5.4.3, id-at-commonName (RFC 5280 appendix A.1). */
const commonName = Uint8Array.of(0x55, 0x04, 0x03);
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758 section 3.2: ECDSA signature algorithm). */
const ecdsaWithSha256 = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);

function element(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOctets(content.length)]), content]);
}

/** X.690 section 8.1.3: the short form below 128, else the long form; here up to 65,535 bytes. */
function lengthOctets(length: number): number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
}

/**
 * A PKCS #10 certification request (RFC 2986 section 4) in PEM (RFC 7468 section 7) for a P-256 key,
 * signed with that key to prove its possession. The platform replaces the name in the certificate.
 */
export function certificateRequest(
  key: Pick<DeviceKey, "publicKey" | "signDer">,
  name: string,
): string {
  const subject = element(
    tags.sequence,
    element(
      tags.set,
      element(
        tags.sequence,
        element(tags.objectIdentifier, commonName),
        element(tags.utf8String, Buffer.from(name, "utf8").subarray(0, 64)),
      ),
    ),
  );
  const information = element(
    tags.sequence,
    element(tags.integer, Uint8Array.of(0)),
    subject,
    key.publicKey,
    element(tags.attributes),
  );
  const request = element(
    tags.sequence,
    information,
    element(tags.sequence, element(tags.objectIdentifier, ecdsaWithSha256)),
    element(tags.bitString, Uint8Array.of(0), key.signDer(information)),
  );
  const lines =
    Buffer.from(request)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [
    "-----BEGIN CERTIFICATE REQUEST-----",
    ...lines,
    "-----END CERTIFICATE REQUEST-----",
    "",
  ].join("\n");
}
