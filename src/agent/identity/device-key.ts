import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { ecdsaSigner, type Signer } from "../../protocol/signature/keys.ts";

/**
 * The appliance's P-256 key. It signs, and its private part is readable only where TLS needs it. A
 * key in a TPM can implement this too: it signs there and has a `pem` of null. Such an appliance
 * shows no client certificate in TLS and is identified by its signatures alone.
 */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** PKCS #8 in PEM, for TLS; null when the key cannot be exported. */
  readonly pem: string | null;
  /** ECDSA with SHA-256; the signature in DER, as in certificates (RFC 5758 section 3.2). */
  signDer(bytes: Uint8Array): Uint8Array;
  /** Signs messages to the platform. */
  signer(keyId: string): Signer;
}

/** A key whose private part is in the agent's memory. */
export function fileKey(privateKey: KeyObject): DeviceKey {
  return {
    publicKey: createPublicKey(privateKey).export({ format: "der", type: "spki" }),
    pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    signDer: (bytes) => sign("sha256", bytes, { key: privateKey, dsaEncoding: "der" }),
    signer: (keyId) => ecdsaSigner(keyId, privateKey),
  };
}

/** A new key, and its private part as it is stored. */
export function makeFileKey(): { key: DeviceKey; secret: Uint8Array } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: fileKey(privateKey),
    secret: Buffer.from(privateKey.export({ format: "pem", type: "pkcs8" })),
  };
}

/** Throws when the secret is not a private key. */
export function readFileKey(secret: Uint8Array): DeviceKey {
  return fileKey(createPrivateKey(Buffer.from(secret)));
}
