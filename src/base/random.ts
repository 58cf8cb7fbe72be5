import { randomBytes, randomUUID } from "node:crypto";

/** The random numbers that the rest of the code uses, so that tests can repeat them. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** `length` bytes fit for keys and nonces. */
  bytes(length: number): Uint8Array;
  /** A random UUID (RFC 9562, version 4). */
  uuid(): string;
}

export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (length) => randomBytes(length),
  uuid: () => randomUUID(),
};
