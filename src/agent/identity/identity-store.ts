import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import type { ActivationCode } from "../../protocol/activation-code.ts";
import type { Configuration } from "../../protocol/schemas/common.ts";
import { validators } from "../validators.ts";
import type { StoredIdentity } from "./schemas.ts";

export interface Identity extends StoredIdentity {
  privateKey: KeyObject;
}

/**
 * The folder identity/. One key for each activation code: it is written before the code is used, so that a reply that was lost
 * can be asked for again with the same key.
 */
export class IdentityStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null when the appliance is not enrolled, or what is there cannot be used. */
  async load(): Promise<Identity | null> {
    const text = await readFile(join(this.#folder, "identity.json"), "utf8").catch(() => null);
    if (text === null) return null;
    try {
      const parsed = validators.StoredIdentity(JSON.parse(text));
      if (!parsed.valid) return null;
      return { ...parsed.value, privateKey: createPrivateKey(await readFile(join(this.#folder, parsed.value.keyFile), "utf8")) };
    } catch {
      return null;
    }
  }

  /** The key for a code: the one that was made before, else a new one, durable before this returns. */
  async keyFor(code: ActivationCode): Promise<{ keyFile: string; privateKey: KeyObject }> {
    await makeFolderDurably(this.#folder, 0o700);
    const keyFile = keyFileFor(code);
    const path = join(this.#folder, keyFile);
    try {
      return { keyFile, privateKey: createPrivateKey(await readFile(path, "utf8")) };
    } catch {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      await writeDurably(path, privateKey.export({ format: "pem", type: "pkcs8" }).toString(), { mode: 0o600 });
      return { keyFile, privateKey };
    }
  }

  async save(identity: StoredIdentity): Promise<void> {
    await writeDurably(join(this.#folder, "identity.json"), JSON.stringify(identity), { mode: 0o600 });
    const others = (await readdir(this.#folder)).filter((name) => /^key-.*\.pem$/.test(name) && name !== identity.keyFile);
    for (const name of others) await removeDurably(join(this.#folder, name));
  }

  async saveConfiguration(identity: Identity, configuration: Configuration): Promise<Identity> {
    const { privateKey, ...stored } = identity;
    await this.save({ ...stored, configuration });
    return { ...identity, configuration };
  }
}

/** Only the part of the code that is no secret. */
export function keyFileFor(code: ActivationCode): string {
  return `key-${code.id}.pem`;
}
