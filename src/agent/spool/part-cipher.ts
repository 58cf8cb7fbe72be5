import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Random } from "../../base/random.ts";

export const spoolKeyBytes = 32;
const algorithm = "aes-256-gcm";
/** First byte of a stored part: the form of what follows. */
const form = 1;
/**
 * 96 bits, drawn anew for each part: good for 2^32 parts under one key (NIST SP 800-38D section
 * 8.3).
 */
const ivBytes = 12;
const tagBytes = 16;
/** What sealing adds. */
export const sealedBytes = 1 + ivBytes + tagBytes;

export interface PartPlace {
  jobId: string;
  attempt: number;
  number: number;
}

/**
 * Parts as they lie on the disk: AES-256-GCM with a key of this box, each bound to its place, so
 * that none can stand for another.
 */
export class PartCipher {
  readonly #key: Uint8Array;
  readonly #random: Pick<Random, "bytes">;

  constructor(key: Uint8Array, random: Pick<Random, "bytes">) {
    this.#key = key;
    this.#random = random;
  }

  seal(content: Uint8Array, place: PartPlace): Uint8Array {
    const iv = this.#random.bytes(ivBytes);
    const cipher = createCipheriv(algorithm, this.#key, iv).setAAD(nameOf(place));
    return Buffer.concat([
      Uint8Array.of(form),
      iv,
      cipher.update(content),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
  }

  /** Null when it is not what was sealed for this place on this box. */
  open(stored: Uint8Array, place: PartPlace): Buffer | null {
    if (stored.length < 1 + ivBytes + tagBytes || stored[0] !== form) return null;
    const iv = stored.subarray(1, 1 + ivBytes);
    try {
      const decipher = createDecipheriv(algorithm, this.#key, iv, {
        authTagLength: tagBytes,
      }).setAAD(nameOf(place));
      decipher.setAuthTag(stored.subarray(stored.length - tagBytes));
      const content = decipher.update(stored.subarray(1 + ivBytes, stored.length - tagBytes));
      // Checks the tag. A counter mode keeps nothing back for the end (NIST SP 800-38D section
      // 7.2).
      decipher.final();
      return content;
    } catch {
      return null;
    }
  }
}

function nameOf({ jobId, attempt, number }: PartPlace): Buffer {
  return Buffer.from(`outrider part ${jobId} ${attempt} ${number}`);
}
