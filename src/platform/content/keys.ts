import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Key, type Metadata, Signature } from "@tufjs/models";
import { makeFolderDurably, removeDurably, writeDurably } from "../../base/durable-file.ts";
import { OutriderError } from "../../base/messages/error.ts";

export const roles = ["root", "targets", "snapshot", "timestamp"] as const;
export type Role = (typeof roles)[number];

/**
 * The private keys that sign updates, a file each, named by role and key id. The root metadata says
 * which key counts, so that a crash while a key is replaced leaves nothing half done. The operator
 * may move a file to a safe place; until it is back, that role cannot sign.
 */
export class KeyFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a key, which is on the disk when this returns. Returns the public key. */
  async make(role: Role): Promise<Key> {
    await makeFolderDurably(this.#folder, 0o700);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = publicKeyOf(privateKey);
    await writeDurably(
      this.#path(role, key.keyID),
      privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      { mode: 0o600 },
    );
    return key;
  }

  async has(role: Role, keyId: string): Promise<boolean> {
    return (await this.#read(role, keyId)) !== null;
  }

  /** Adds the key's signature to metadata. Throws OutriderError "content-keys-missing". */
  async sign(metadata: Signable, role: Role, keyId: string): Promise<void> {
    const key = await this.#read(role, keyId);
    if (!key) throw new OutriderError("content-keys-missing", { detail: this.#path(role, keyId) });
    metadata.sign(
      (data) => new Signature({ keyID: keyId, sig: sign("sha256", data, key).toString("hex") }),
    );
  }

  async remove(role: Role, keyId: string): Promise<void> {
    await removeDurably(this.#path(role, keyId));
  }

  async #read(role: Role, keyId: string): Promise<KeyObject | null> {
    const text = await readFile(this.#path(role, keyId), "utf8").catch(() => null);
    return text === null ? null : createPrivateKey(text);
  }

  #path(role: Role, keyId: string): string {
    return join(this.#folder, `${role}-${keyId.slice(0, 16)}.pem`);
  }
}

export type Signable = Pick<Metadata<never>, "sign">;

function publicKeyOf(privateKey: KeyObject): Key {
  const text = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
  const scheme = "ecdsa-sha2-nistp256";
  // TUF specification 4.2: the id is the SHA-256 of the key in canonical JSON, which does not
  // escape a line feed.
  const canonical = `{"keytype":"ecdsa","keyval":{"public":"${text}"},"scheme":"${scheme}"}`;
  const keyID = createHash("sha256").update(canonical).digest("hex");
  return new Key({ keyID, keyType: "ecdsa", scheme, keyVal: { public: text } });
}
