import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { ReplyKey } from "../../protocol/schemas/common.ts";
import { ecdsaVerifierFromText, type SignatureVerifier } from "../../protocol/signature/keys.ts";
import { isBelieved } from "../../protocol/signature/succession.ts";

/**
 * The reply keys by which the appliance knows the platform. One that has ended is not found. They
 * remember which of them has signed something that the appliance received.
 */
export class KnownKeys {
  #keys: ReadonlyMap<string, { key: ReplyKey; verifier: SignatureVerifier }> = new Map();
  readonly #proven = new Set<string>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number, keys: readonly ReplyKey[] = []) {
    this.#nowMs = nowMs;
    this.use(keys);
  }

  get list(): ReplyKey[] {
    return [...this.#keys.values()].map(({ key }) => key);
  }

  /** Throws OutriderError "service-unexpected" when one is unreadable; the keys stay then. */
  use(keys: readonly ReplyKey[]): void {
    this.#keys = new Map(
      keys.map((key) => [key.keyId, { key, verifier: this.#observed(key.keyId, readable(key)) }]),
    );
  }

  get(keyId: string): SignatureVerifier | undefined {
    const found = this.#keys.get(keyId);
    return found && isBelieved(found.key, this.#nowMs()) ? found.verifier : undefined;
  }

  /** Whether a reply was verified with one of these keys since the agent started. */
  hasProven(keys: readonly ReplyKey[]): boolean {
    return keys.some(({ keyId }) => this.#proven.has(keyId));
  }

  /** Takes over what keys that were used elsewhere have proven. */
  learnFrom(other: KnownKeys): void {
    for (const keyId of other.#proven) this.#proven.add(keyId);
  }

  #observed(keyId: string, { algorithm, verify }: SignatureVerifier): SignatureVerifier {
    return {
      algorithm,
      verify: (bytes, signature) => {
        const isRight = verify(bytes, signature);
        if (isRight) this.#proven.add(keyId);
        return isRight;
      },
    };
  }
}

function readable({ keyId, publicKey }: ReplyKey): SignatureVerifier {
  try {
    return ecdsaVerifierFromText(publicKey);
  } catch (error) {
    throw new OutriderError("service-unexpected", {
      detail: fact("reply-key-unreadable", { key: keyId }),
      cause: error,
    });
  }
}
