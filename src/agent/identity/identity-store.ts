import { readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ActivationCode } from "../../base/activation-code.ts";
import {
  makeFolderDurably,
  removeAbandoned,
  removeDurably,
  writeDurably,
} from "../../base/durable-file.ts";
import { parseJson } from "../../base/json.ts";
import { ignoring, readIfThere } from "../../base/missing-file.ts";
import { isOpenSslError } from "../../base/openssl-error.ts";
import type { Random } from "../../base/random.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { Configuration, ReplyKey } from "../../protocol/schemas/common.ts";
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
 * The folder identity/. Each activation code has a key of its own, written before the code is used,
 * so that a lost reply can be asked for again with the same key. Keys are sealed to this machine.
 */
export class IdentityStore {
  readonly #folder: string;
  readonly #sealer: Sealer;
  readonly #saving = new SerialQueue();

  constructor(folder: string, sealer: Sealer) {
    this.#folder = folder;
    this.#sealer = sealer;
  }

  /** Call it once, before any other method. */
  open(): Promise<void> {
    return removeAbandoned(this.#folder);
  }

  /** Null when the appliance is not enrolled, or its identity or key is unusable. */
  async load(): Promise<Identity | null> {
    const stored = await this.#readStored();
    const key = stored && (await this.#readKey(stored.keyFile));
    return key ? { ...stored, key } : null;
  }

  async #readStored(): Promise<StoredIdentity | null> {
    const text = await readFile(join(this.#folder, "identity.json"), "utf8").catch(
      ignoring("an appliance with an unreadable identity can be enrolled again"),
    );
    if (text === undefined) return null;
    const parsed = validators.StoredIdentity(parseJson(text));
    return parsed.valid ? parsed.value : null;
  }

  /** The key of a code: the one made before, else a new one, stored durably. */
  async keyFor(code: ActivationCode): Promise<{ keyFile: string; key: DeviceKey }> {
    await makeFolderDurably(this.#folder, 0o700);
    const keyFile = keyFileFor(code);
    const existing = await this.#readKey(keyFile);
    if (existing) return { keyFile, key: existing };
    const { key, secret } = makeFileKey();
    await writeDurably(join(this.#folder, keyFile), await this.#sealer.seal("device-key", secret), {
      mode: 0o600,
    });
    return { keyFile, key };
  }

  /**
   * The key that encrypts stored parts. A key that cannot be unsealed here is renamed and replaced;
   * the parts that it encrypted are lost.
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
    return this.#saving.run(() => this.#write(identity));
  }

  /** Writes the identity and removes the keys of other ones. */
  async #write(identity: StoredIdentity): Promise<void> {
    await writeDurably(join(this.#folder, "identity.json"), JSON.stringify(identity), {
      mode: 0o600,
    });
    const others = (await readdir(this.#folder)).filter(
      (name) => name.startsWith("key-") && name !== identity.keyFile,
    );
    for (const name of others) await removeDurably(join(this.#folder, name));
  }

  saveConfiguration(
    identity: Identity,
    configuration: Configuration,
    earlierReplyKeys: readonly ReplyKey[] = [],
  ): Promise<Identity> {
    const { earlierReplyKeys: _, ...rest } = identity;
    const { certificateAuthorities = identity.certificateAuthorities } = configuration;
    return this.#change(rest, {
      configuration,
      certificateAuthorities,
      ...(earlierReplyKeys.length === 0 ? {} : { earlierReplyKeys: [...earlierReplyKeys] }),
    });
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

  /** Writes nothing when another identity was saved meanwhile. */
  #change(identity: Identity, change: Partial<StoredIdentity>): Promise<Identity> {
    const { key, ...stored } = identity;
    const changed = { ...stored, ...change };
    return this.#saving.run(async () => {
      const present = await this.#readStored();
      if (!present || present.keyFile === identity.keyFile) await this.#write(changed);
      return { ...changed, key };
    });
  }

  /** Null when there is no such key, or it was sealed on another machine. */
  async #readKey(keyFile: string): Promise<DeviceKey | null> {
    const content = await readIfThere(join(this.#folder, keyFile));
    if (content === null) return null;
    const secret = await openSealed(this.#sealer, "device-key", content);
    if (secret === null) return null;
    try {
      return readFileKey(secret);
    } catch (error) {
      if (!isOpenSslError(error)) throw error;
      // The secret is no key: enrolment makes a new one.
      return null;
    }
  }
}

/** Named by the code's id, which is not secret. */
export function keyFileFor(code: ActivationCode): string {
  return `key-${code.id}`;
}
