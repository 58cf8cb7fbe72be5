import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { ecdsaSigner, type Signer } from "../../protocol/signature/keys.ts";

/**
 * The box's P-256 key, as whoever uses it sees it: it signs, and never shows itself but where TLS
 * must have it. A key in a TPM is another one of these, which signs there and gives `pem` as null:
 * such a box does without a client certificate in TLS, and is as well known by its signatures.
 */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** PKCS #8 for TLS; null when the key cannot leave where it is. */
  readonly pem: string | null;
  /** ECDSA with SHA-256; the signature in DER, as certificates have it. */
  signDer(bytes: Uint8Array): Uint8Array;
  /** Signs messages to the platform. */
  signer(keyId: string): Signer;
}

/** A key in a file of the agent's own. */
export function fileKey(privateKey: KeyObject): DeviceKey {
  return {
    publicKey: createPublicKey(privateKey).export({ format: "der", type: "spki" }),
    pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    signDer: (bytes) => sign("sha256", bytes, { key: privateKey, dsaEncoding: "der" }),
    signer: (keyId) => ecdsaSigner(keyId, privateKey),
  };
}

export function makeFileKey(): { key: DeviceKey; secret: Uint8Array } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: fileKey(privateKey),
    secret: Buffer.from(privateKey.export({ format: "pem", type: "pkcs8" })),
  };
}

export function readFileKey(secret: Uint8Array): DeviceKey {
  return fileKey(createPrivateKey(Buffer.from(secret)));
}
