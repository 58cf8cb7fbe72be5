import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Random } from "../../base/random.ts";

export const spoolKeyBytes = 32;
const algorithm = "aes-256-gcm";
/** First byte of a stored part: the version of its format. */
const format = 1;
/**
 * 96 random bits for each part: enough for 2^32 parts under one key (NIST SP 800-38D section 8.3:
 * constraints on the number of invocations).
 */
const ivBytes = 12;
const tagBytes = 16;
/** Bytes that sealing adds to a part. */
export const sealedBytes = 1 + ivBytes + tagBytes;

/** The additional authenticated data of a part. */
export interface PartIdentity {
  jobId: string;
  attempt: number;
  number: number;
}

/**
 * Encrypts parts for the disk: AES-256-GCM with a key of this appliance. Each part is bound to its
 * job, attempt and number, so that no part can take the place of another.
 */
export class PartCipher {
  readonly #key: Uint8Array;
  readonly #random: Pick<Random, "bytes">;

  constructor(key: Uint8Array, random: Pick<Random, "bytes">) {
    this.#key = key;
    this.#random = random;
  }

  seal(content: Uint8Array, part: PartIdentity): Uint8Array {
    const iv = this.#random.bytes(ivBytes);
    const cipher = createCipheriv(algorithm, this.#key, iv).setAAD(nameOf(part));
    return Buffer.concat([
      Uint8Array.of(format),
      iv,
      cipher.update(content),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
  }

  /** The content; null when it was not sealed for this part on this appliance. */
  open(stored: Uint8Array, part: PartIdentity): Buffer | null {
    if (stored.length < 1 + ivBytes + tagBytes || stored[0] !== format) return null;
    const iv = stored.subarray(1, 1 + ivBytes);
    const decipher = createDecipheriv(algorithm, this.#key, iv, { authTagLength: tagBytes });
    decipher.setAAD(nameOf(part));
    decipher.setAuthTag(stored.subarray(stored.length - tagBytes));
    // GCM decrypts in counter mode: update() returns all of the content, and final() returns none.
    const content = decipher.update(stored.subarray(1 + ivBytes, stored.length - tagBytes));
    try {
      // NIST SP 800-38D section 7.2, step 8: compare the tags.
      decipher.final();
      return content;
    } catch {
      return null;
    }
  }
}

function nameOf({ jobId, attempt, number }: PartIdentity): Buffer {
  return Buffer.from(`outrider part ${jobId} ${attempt} ${number}`);
}
