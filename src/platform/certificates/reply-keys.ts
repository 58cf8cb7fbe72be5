import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { removeDurably, writeDurably } from "../../base/durable-file.ts";
import { parseJson } from "../../base/json.ts";
import { readIfThere } from "../../base/missing-file.ts";
import type { ReplyKey } from "../../protocol/schemas/common.ts";
import type { SuccessionsReply } from "../../protocol/schemas/enrolment.ts";
import { ecdsaSigner, type Signer } from "../../protocol/signature/keys.ts";
import { replyKeyId, vouchFor } from "../../protocol/signature/succession.ts";
import type { Rolling } from "./rolling.ts";
import type { StoredReplyKeys } from "./schemas.ts";
import { validators } from "./validators.ts";

const yearMs = 365.25 * 86_400_000;
/** The next key is announced by itself when the present one is so old. */
const rolledAfterMs = 2 * yearMs;
/**
 * How long a key is believed, from its making on. An appliance that was away comes back as long as
 * the key that it knows has not ended, so that is for two years at least.
 */
const believedMs = 4 * yearMs;
/** Of each list; older entries are of keys that ended long ago. */
const mostKept = 100;

/** The file of the only key, up to version 0.2. */
const olderFile = "reply-key.pem";

/** The keys that sign the platform's replies: the one in use, and the next one. */
export class ReplyKeys implements Rolling {
  readonly #path: string;
  #stored: StoredReplyKeys;
  #signer: Signer;

  private constructor(path: string, stored: StoredReplyKeys) {
    this.#path = path;
    this.#stored = stored;
    this.#signer = signerOf(stored.present);
  }

  /** Reads the keys; the first start makes one. */
  static async open(folder: string, nowMs: number): Promise<ReplyKeys> {
    const path = join(folder, "reply-keys.json");
    const older = join(folder, olderFile);
    const kept = await readIfThere(path);
    if (kept === null) {
      const privateKey = (await readIfThere(older))?.toString("utf8") ?? makeKey();
      const present = { privateKey, madeAt: nowMs, since: nowMs };
      const keys = new ReplyKeys(path, { present, successions: [], revoked: [] });
      await keys.#write(keys.#stored);
      await removeDurably(older);
      return keys;
    }
    await removeDurably(older);
    const checked = validators.StoredReplyKeys(parseJson(kept.toString("utf8")));
    if (!checked.valid)
      throw new TypeError(`${path} is damaged: put it back from a backup of the data folder`);
    return new ReplyKeys(path, checked.value);
  }

  get signer(): Signer {
    return this.#signer;
  }

  /** As appliances are told them. */
  get listed(): ReplyKey[] {
    const { present, next } = this.#stored;
    return [present, ...(next ? [next] : [])].map(replyKeyOf);
  }

  get successions(): SuccessionsReply {
    const { successions, revoked } = this.#stored;
    return { successions, revoked: revoked.map(({ keyId }) => keyId) };
  }

  get present() {
    const { present } = this.#stored;
    return { id: replyKeyOf(present).keyId, since: present.since };
  }

  get next() {
    const { next } = this.#stored;
    return next ? { id: replyKeyOf(next).keyId, madeAt: next.madeAt, useBy: next.useBy } : null;
  }

  get revoked() {
    return this.#stored.revoked.map(({ keyId, at }) => ({ id: keyId, at }));
  }

  isDue(nowMs: number): boolean {
    return nowMs - this.#stored.present.madeAt >= rolledAfterMs;
  }

  async announce(nowMs: number, useBy: number): Promise<void> {
    if (this.#stored.next) return;
    const next = { privateKey: makeKey(), madeAt: nowMs, useBy };
    const succession = vouchFor(replyKeyOf(next), this.#signer);
    await this.#write({
      ...this.#stored,
      next,
      successions: [...this.#stored.successions, succession].slice(-mostKept),
    });
  }

  async useNext(nowMs: number): Promise<void> {
    const { next, ...rest } = this.#stored;
    if (!next) return;
    const { privateKey, madeAt } = next;
    await this.#write({ ...rest, present: { privateKey, madeAt, since: nowMs } });
  }

  async replace(nowMs: number): Promise<void> {
    const stolen = this.listed.map(({ keyId }) => ({ keyId, at: nowMs }));
    await this.#write({
      present: { privateKey: makeKey(), madeAt: nowMs, since: nowMs },
      // Every one of them leads to a stolen key.
      successions: [],
      revoked: [...this.#stored.revoked, ...stolen].slice(-mostKept),
    });
  }

  async #write(stored: StoredReplyKeys): Promise<void> {
    await writeDurably(this.#path, JSON.stringify(stored));
    this.#stored = stored;
    this.#signer = signerOf(stored.present);
  }
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function replyKeyOf({ privateKey, madeAt }: { privateKey: string; madeAt: number }): ReplyKey {
  const publicKey = createPublicKey(privateKey)
    .export({ type: "spki", format: "der" })
    .toString("base64");
  return { keyId: replyKeyId(publicKey), publicKey, endsAt: madeAt + believedMs };
}

function signerOf(key: { privateKey: string; madeAt: number }): Signer {
  return ecdsaSigner(replyKeyOf(key).keyId, createPrivateKey(key.privateKey));
}
