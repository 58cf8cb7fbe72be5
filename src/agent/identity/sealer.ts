import type { Clock } from "../../base/clock.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";

/**
 * What of the agent lies sealed: each under its own name, so that one cannot be put in the place of
 * another.
 */
export type SealedName = "device-key" | "spool-key";

/** Encrypts secrets for this machine, as systemd-creds does; a TPM can stand behind it. */
export interface Sealer {
  seal(name: SealedName, secret: Uint8Array): Promise<Uint8Array>;
  /**
   * Rejects with sealed-elsewhere when it never can be opened here; with anything else when it only
   * could not be opened now.
   */
  unseal(name: SealedName, sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * The secret; null only for what was sealed elsewhere. All other failures are thrown: a key must
 * never be given up, and what it locks with it, because configd was away or this agent was told to
 * end.
 */
export async function openSealed(
  sealer: Sealer,
  name: SealedName,
  sealed: Uint8Array,
): Promise<Uint8Array | null> {
  try {
    return await sealer.unseal(name, sealed);
  } catch (error) {
    if (error instanceof OutriderError && error.code === "sealed-elsewhere") return null;
    throw error;
  }
}

const retryMs = 1000;

/** configd seals: the machine's key is root's. While it is being restarted, this waits for it. */
export function configdSealer(configd: ConfigdClient, clock: Clock, signal: AbortSignal): Sealer {
  const patient = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        signal.throwIfAborted();
        if (asOutriderError(error).code !== "configd-unreachable") throw error;
        await clock.sleep(retryMs, signal);
      }
    }
  };
  return {
    seal: async (name, secret) => {
      const { sealed } = await patient(() =>
        configd.call("seal", { name, secret: Buffer.from(secret).toString("base64") }, signal),
      );
      return Buffer.from(sealed, "base64");
    },
    unseal: async (name, sealed) => {
      const { secret } = await patient(() =>
        configd.call("unseal", { name, sealed: Buffer.from(sealed).toString("base64") }, signal),
      );
      return Buffer.from(secret, "base64");
    },
  };
}
