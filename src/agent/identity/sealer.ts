import type { Clock } from "../../base/clock.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";

/** Each sealed secret is bound to its name, so that none can take the place of another. */
export type SealedName = "device-key" | "spool-key";

/** Encrypts secrets for this machine, as systemd-creds does; a TPM can stand behind it. */
export interface Sealer {
  seal(name: SealedName, secret: Uint8Array): Promise<Uint8Array>;
  /**
   * Rejects with OutriderError "sealed-elsewhere" when the secret can never be unsealed on this
   * machine; with any other error when a later try may succeed.
   */
  unseal(name: SealedName, sealed: Uint8Array): Promise<Uint8Array>;
}

/**
 * The unsealed secret; null only when it was sealed on another machine. All other failures are
 * thrown: a key, and all that it encrypts, must never be given up because configd was not running or
 * the agent is ending.
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

/** configd seals, because only root may use the machine's key. Waits while configd restarts. */
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
