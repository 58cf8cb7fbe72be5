import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { writeDurably } from "../../base/durable-file.ts";
import { parseJson } from "../../base/json.ts";
import { readIfThere } from "../../base/missing-file.ts";
import type { Random } from "../../base/random.ts";
import { applianceDays, CertificateAuthority } from "./authority.ts";
import type { Rolling } from "./rolling.ts";
import type { StoredAuthorities } from "./schemas.ts";
import { validators } from "./validators.ts";

const dayMs = 86_400_000;
const mostKept = 100;

export interface AuthorityParts {
  platformName: string;
  clock: Clock;
  random: Random;
}

/** The platform's certificate authorities: the one in use, and the next one. */
export class Authorities implements Rolling {
  readonly #path: string;
  readonly #parts: AuthorityParts;
  #stored: StoredAuthorities;
  #authority: CertificateAuthority;

  private constructor(
    path: string,
    parts: AuthorityParts,
    stored: StoredAuthorities,
    authority: CertificateAuthority,
  ) {
    this.#path = path;
    this.#parts = parts;
    this.#stored = stored;
    this.#authority = authority;
  }

  /** Reads the authorities; the first start makes one. */
  static async open(folder: string, parts: AuthorityParts): Promise<Authorities> {
    const { platformName, clock, random } = parts;
    const path = join(folder, "certificate-authority.json");
    const kept = await readIfThere(path);
    let stored: StoredAuthorities;
    if (kept === null) {
      const pair = await CertificateAuthority.make(nameOf(platformName, 1), clock, random);
      stored = { ...pair, since: clock.nowMs() };
      await writeDurably(path, JSON.stringify(stored));
    } else {
      const checked = validators.StoredAuthorities(parseJson(kept.toString("utf8")));
      if (!checked.valid)
        throw new TypeError(`${path} is damaged: put it back from a backup of the data folder`);
      stored = checked.value;
    }
    const authority = await CertificateAuthority.load(stored, clock, random);
    return new Authorities(path, parts, stored, authority);
  }

  /** The one that issues certificates. */
  get inUse(): CertificateAuthority {
    return this.#authority;
  }

  /** As appliances are told them, in PEM. */
  get listed(): string {
    const { certificate, next } = this.#stored;
    return certificate + (next?.certificate ?? "");
  }

  /** Those that issued certificates which appliances still have. */
  get ofAppliances(): string[] {
    const now = this.#parts.clock.nowMs();
    const former = (this.#stored.former ?? []).filter(({ until }) => until > now);
    return [this.#stored.certificate, ...former.map(({ certificate }) => certificate)];
  }

  get present() {
    const { certificate, since } = this.#stored;
    const { validFromDate } = new X509Certificate(certificate);
    return { id: fingerprintOf(certificate), since: since ?? validFromDate.getTime() + dayMs };
  }

  get next() {
    const { next } = this.#stored;
    return next
      ? { id: fingerprintOf(next.certificate), madeAt: next.madeAt, useBy: next.useBy }
      : null;
  }

  get revoked() {
    return (this.#stored.revoked ?? []).map(({ fingerprint, at }) => ({ id: fingerprint, at }));
  }

  /** When a third of its life is left. */
  isDue(nowMs: number): boolean {
    const { validFromDate, validToDate } = new X509Certificate(this.#stored.certificate);
    const lifeMs = validToDate.getTime() - validFromDate.getTime();
    return validToDate.getTime() - nowMs < lifeMs / 3;
  }

  async announce(nowMs: number, useBy: number): Promise<void> {
    if (this.#stored.next) return;
    const { pair, made } = await this.#make();
    await this.#write({ ...this.#stored, made, next: { ...pair, madeAt: nowMs, useBy } });
  }

  async useNext(nowMs: number): Promise<void> {
    const { next, ...present } = this.#stored;
    if (!next) return;
    const { certificate, privateKey } = next;
    const former = { certificate: present.certificate, until: nowMs + applianceDays * dayMs };
    await this.#write({
      ...present,
      certificate,
      privateKey,
      since: nowMs,
      former: [...(present.former ?? []), former].slice(-mostKept),
    });
  }

  async replace(nowMs: number): Promise<void> {
    const { certificate, next, revoked = [] } = this.#stored;
    const stolen = [certificate, ...(next ? [next.certificate] : [])].map((each) => ({
      fingerprint: fingerprintOf(each),
      at: nowMs,
    }));
    const { pair, made } = await this.#make();
    await this.#write({
      ...pair,
      since: nowMs,
      made,
      revoked: [...revoked, ...stolen].slice(-mostKept),
    });
  }

  async #make() {
    const { platformName, clock, random } = this.#parts;
    const made = (this.#stored.made ?? 1) + 1;
    return {
      made,
      pair: await CertificateAuthority.make(nameOf(platformName, made), clock, random),
    };
  }

  async #write(stored: StoredAuthorities): Promise<void> {
    const { clock, random } = this.#parts;
    const authority = await CertificateAuthority.load(stored, clock, random);
    await writeDurably(this.#path, JSON.stringify(stored));
    this.#stored = stored;
    this.#authority = authority;
  }
}

/** Each has a name of its own, so that people can tell which one issued a certificate. */
function nameOf(platformName: string, number: number): string {
  return `${platformName} certificate authority${number === 1 ? "" : ` ${number}`}`;
}

/** SHA-256 of a certificate (PEM) as appliances name it: 64 lower-case hexadecimal digits. */
export function fingerprintOf(certificate: string): string {
  return new X509Certificate(certificate).fingerprint256.replaceAll(":", "").toLowerCase();
}
