import { readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ActivationCode } from "../../base/activation-code.ts";
import {
  makeFolderDurably,
  removeAbandoned,
  removeDurably,
  writeDurably,
} from "../../base/durable-file.ts";
import { readIfThere } from "../../base/missing-file.ts";
import type { Random } from "../../base/random.ts";
import type { Configuration } from "../../protocol/schemas/common.ts";
import { spoolKeyBytes } from "../spool/part-cipher.ts";
import { type DeviceKey, makeFileKey, readFileKey } from "./device-key.ts";
import type { RefusalCode } from "./platform-access.ts";
import type { StoredIdentity } from "./schemas.ts";
import { openSealed, type Sealer } from "./sealer.ts";
import { validators } from "./validators.ts";

export interface Identity extends StoredIdentity {
  key: DeviceKey;
}

const spoolKeyFile = "spool-key";

/**
 * The folder identity/. One key for each activation code: it is written before the code is used, so
 * that a reply that was lost can be asked for again with the same key. Keys lie sealed to this
 * machine.
 */
export class IdentityStore {
  readonly #folder: string;
  readonly #sealer: Sealer;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(folder: string, sealer: Sealer) {
    this.#folder = folder;
    this.#sealer = sealer;
  }

  /** Once, before anything else. */
  open(): Promise<void> {
    return removeAbandoned(this.#folder);
  }

  /** Null when the appliance is not enrolled, or what is there cannot be used. */
  async load(): Promise<Identity | null> {
    const stored = await this.#readStored();
    const key = stored && (await this.#readKey(stored.keyFile));
    return key ? { ...stored, key } : null;
  }

  async #readStored(): Promise<StoredIdentity | null> {
    const text = await readFile(join(this.#folder, "identity.json"), "utf8").catch(() => null);
    if (text === null) return null;
    try {
      const parsed = validators.StoredIdentity(JSON.parse(text));
      return parsed.valid ? parsed.value : null;
    } catch {
      return null;
    }
  }

  /**
   * The key for a code: the one that was made before, else a new one, durable before this returns.
   */
  async keyFor(code: ActivationCode): Promise<{ keyFile: string; key: DeviceKey }> {
    await makeFolderDurably(this.#folder, 0o700);
    const keyFile = keyFileFor(code);
    const there = await this.#readKey(keyFile);
    if (there) return { keyFile, key: there };
    const { key, secret } = makeFileKey();
    await writeDurably(join(this.#folder, keyFile), await this.#sealer.seal("device-key", secret), {
      mode: 0o600,
    });
    return { keyFile, key };
  }

  /**
   * What stored parts are encrypted with. One that cannot be opened is put aside, and what it had
   * locked is lost.
   */
  async spoolKey(random: Pick<Random, "bytes">): Promise<Uint8Array> {
    await makeFolderDurably(this.#folder, 0o700);
    const path = join(this.#folder, spoolKeyFile);
    const sealed = await readIfThere(path);
    if (sealed !== null) {
      const key = await openSealed(this.#sealer, "spool-key", sealed);
      if (key?.length === spoolKeyBytes) return key;
      await rename(path, `${path}.unreadable`);
    }
    const key = random.bytes(spoolKeyBytes);
    await writeDurably(path, await this.#sealer.seal("spool-key", key), { mode: 0o600 });
    return key;
  }

  save(identity: StoredIdentity): Promise<void> {
    const saved = this.#saving.then(() => this.#write(identity));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #write(identity: StoredIdentity): Promise<void> {
    await writeDurably(join(this.#folder, "identity.json"), JSON.stringify(identity), {
      mode: 0o600,
    });
    const others = (await readdir(this.#folder)).filter(
      (name) => name.startsWith("key-") && name !== identity.keyFile,
    );
    for (const name of others) await removeDurably(join(this.#folder, name));
  }

  saveConfiguration(identity: Identity, configuration: Configuration): Promise<Identity> {
    return this.#change(identity, { configuration });
  }

  saveCertificate(
    identity: Identity,
    certificate: string,
    certificateAuthorities: string,
  ): Promise<Identity> {
    return this.#change(identity, { certificate, certificateAuthorities });
  }

  saveRefusal(identity: Identity, refused: RefusalCode | null): Promise<Identity> {
    const { refused: _, ...rest } = identity;
    return this.#change(rest, refused === null ? {} : { refused });
  }

  /** One after the other; and what became somebody else meanwhile is left alone. */
  #change(identity: Identity, change: Partial<StoredIdentity>): Promise<Identity> {
    const { key, ...stored } = identity;
    const changed = { ...stored, ...change };
    const saved = this.#saving.then(async () => {
      const present = await this.#readStored();
      if (!present || present.keyFile === identity.keyFile) await this.#write(changed);
      return { ...changed, key };
    });
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  /** Null when there is none, or it was sealed on another machine. */
  async #readKey(keyFile: string): Promise<DeviceKey | null> {
    const content = await readIfThere(join(this.#folder, keyFile));
    if (content === null) return null;
    const secret = await openSealed(this.#sealer, "device-key", content);
    if (secret === null) return null;
    try {
      return readFileKey(secret);
    } catch {
      return null;
    }
  }
}

/** Only the part of the code that is no secret. */
export function keyFileFor(code: ActivationCode): string {
  return `key-${code.id}`;
}
