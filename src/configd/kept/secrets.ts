import { readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Credential, damaged } from "../../base/credential.ts";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { ignoring, readIfThere } from "../../base/missing-file.ts";
import type { System } from "../machine/system.ts";

/** Names of the secrets. The console's PIN is stored as a hash. */
export const secretNames = ["proxy-password", "activation-code", "console-pin"] as const;
export type SecretName = (typeof secretNames)[number];

/** Each secret's code when it is there and cannot be opened. */
const damageCodes = {
  "proxy-password": "proxy-password-damaged",
  "activation-code": "code-damaged",
  "console-pin": "pin-damaged",
} as const satisfies Record<SecretName, ErrorCode>;

/** New values of secrets. An absent secret stays as it is; null removes it. */
export type SecretChanges = Partial<Record<SecretName, string | null>>;

/** A staged file with this removes the secret: an empty one would be damage. */
const removal = "none\n";

/** systemd-creds is a program: it may be killed, or fail to start, when memory is short. */
const mostTries = 3;

const staged = /^(proxy-password|activation-code|console-pin)\.([0-9a-f]{64})\.staged$/;

/**
 * The secrets, as root-only files, sealed to this machine where that works. Settings and secrets are
 * several files that have to change together: a change is staged under the digest of the settings'
 * text, and takes effect once that text is saved.
 */
export class Secrets {
  readonly #folder: string;
  readonly #system: Pick<System, "seal" | "unseal">;

  constructor(folder: string, system: Pick<System, "seal" | "unseal">) {
    this.#folder = folder;
    this.#system = system;
  }

  /**
   * The secret, or null when there is none. Rejects when it cannot be read now, or for good: treating
   * that as none would open the console's lock and send requests to a proxy without the password.
   * Throws OutriderError with the secret's code of damage when it is empty, or sealed elsewhere.
   */
  async read(name: SecretName): Promise<string | null> {
    const file = await readIfThere(join(this.#folder, name));
    if (file === null) return null;
    const secret = file.length === 0 ? "" : await this.#opened(name, file);
    // No secret is stored empty, so this is damage, or the work of somebody who got to write here.
    if (secret === "") throw new OutriderError(damageCodes[name]);
    return secret;
  }

  async #opened(name: SecretName, file: Uint8Array): Promise<string> {
    for (let tries = 1; ; tries++) {
      try {
        return Buffer.from(await this.#system.unseal(name, file)).toString("utf8");
      } catch (error) {
        if (asOutriderError(error).code === "sealed-elsewhere")
          throw new OutriderError(damageCodes[name], { cause: error });
        if (tries >= mostTries) throw error;
      }
    }
  }

  /** The secret for a unit, which tells of the damage itself. Rejects when it cannot be read now. */
  async credential(name: SecretName): Promise<Credential> {
    try {
      return await this.read(name);
    } catch (error) {
      if (asOutriderError(error).code === damageCodes[name]) return damaged;
      throw error;
    }
  }

  /** Whether there is a secret; true also for one that cannot be read now. */
  async has(name: SecretName): Promise<boolean> {
    return await this.read(name).then(
      (secret) => secret !== null,
      () => true,
    );
  }

  async write(name: SecretName, secret: string | null): Promise<void> {
    if (isNone(secret)) await removeDurably(join(this.#folder, name));
    else await writeDurably(join(this.#folder, name), await this.#seal(name, secret));
  }

  /** Stages changes for the settings whose text has this digest. */
  async stage(changes: SecretChanges, settingsDigest: string): Promise<void> {
    await makeFolderDurably(this.#folder);
    for (const name of secretNames) {
      const secret = changes[name];
      if (secret === undefined) continue;
      const content = isNone(secret) ? Buffer.from(removal) : await this.#seal(name, secret);
      await writeDurably(join(this.#folder, `${name}.${settingsDigest}.staged`), content);
    }
  }

  /** Applies the changes staged for the saved settings, and drops those staged for others. */
  async applyStaged(settingsDigest: string): Promise<void> {
    const files = await readdir(this.#folder).catch(ignoring("nothing was ever staged", "ENOENT"));
    for (const file of files ?? []) {
      const [, name, digest] = staged.exec(file) ?? [];
      if (name === undefined) continue;
      const path = join(this.#folder, file);
      if (digest !== settingsDigest) await removeDurably(path);
      else if ((await readFile(path)).equals(Buffer.from(removal))) {
        await removeDurably(join(this.#folder, name));
        await removeDurably(path);
      } else {
        await rename(path, join(this.#folder, name));
        await removeDurably(path);
      }
    }
  }

  async #seal(name: SecretName, secret: string): Promise<Uint8Array> {
    return this.#system.seal(name, Buffer.from(secret, "utf8"));
  }
}

/** An empty secret is not stored: read again, it would be damage. */
function isNone(secret: string | null): secret is "" | null {
  return secret === null || secret === "";
}
