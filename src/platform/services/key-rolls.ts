import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { Authorities } from "../certificates/authorities.ts";
import type { ReplyKeys } from "../certificates/reply-keys.ts";
import type { Rolling } from "../certificates/rolling.ts";
import type { ApplianceStore, ApplianceTrust, ToldTrust } from "../store/appliance-records.ts";
import type { ApplianceConfiguration, PlatformTrust } from "./configuration.ts";

export const keyKinds = ["reply", "authority"] as const;
export type KeyKind = (typeof keyKinds)[number];

const dayMs = 86_400_000;
/** How long the next key waits for appliances that do not call. */
export const usualTermDays = 30;
const checkMs = 3_600_000;

export interface KeyRollParts {
  replyKeys: ReplyKeys;
  authorities: Authorities;
  appliances: Pick<ApplianceStore, "trusts">;
  clock: Clock;
  log: Log;
}

/** By what appliances know a platform with these keys. */
export function trustIn({
  replyKeys,
  authorities,
}: Pick<KeyRollParts, "replyKeys" | "authorities">): PlatformTrust {
  return { replyKeys: replyKeys.listed, certificateAuthorities: authorities.listed };
}

/**
 * Replaces the platform's keys without anybody's doing at the appliances: tells them the next one
 * under the present one, and uses it once all of them have said that they know it, or its term is
 * over. A stolen key is replaced at once.
 */
export class KeyRolls {
  readonly #parts: KeyRollParts;
  readonly #configuration: ApplianceConfiguration;
  /** The server has to show a certificate of another authority. */
  readonly #authorityChanged: () => Promise<void>;
  readonly #steps = new SerialQueue();
  #waiting = false;

  constructor(
    parts: KeyRollParts,
    configuration: ApplianceConfiguration,
    authorityChanged: () => Promise<void>,
  ) {
    this.#parts = parts;
    this.#configuration = configuration;
    this.#authorityChanged = authorityChanged;
  }

  kind(kind: KeyKind): Rolling {
    return kind === "reply" ? this.#parts.replyKeys : this.#parts.authorities;
  }

  /** What an appliance is told that enrols now. */
  get told(): ToldTrust {
    const idsOf = (kind: KeyKind) => {
      const { present, next } = this.kind(kind);
      return [present.id, ...(next ? [next.id] : [])];
    };
    return {
      configurationVersion: this.#configuration.current.version,
      trusts: { replyKeys: idsOf("reply"), authorities: idsOf("authority") },
    };
  }

  /** Whether an appliance has said that it knows this key. */
  knows({ told }: ApplianceTrust, kind: KeyKind, id: string): boolean {
    if (told === null) return false;
    const { trusts, configurationVersion } = told;
    if (trusts) return (kind === "reply" ? trusts.replyKeys : trusts.authorities).includes(id);
    // One of version 0.2 takes reply keys from its configuration, and authorities with its
    // certificate only.
    return kind === "reply" && this.#configuration.tellsTrust(configurationVersion);
  }

  /** Announces the next key, to be used after `termDays` at the latest. */
  roll(kind: KeyKind, termDays = usualTermDays): Promise<void> {
    return this.#steps.run(async () => {
      const now = this.#parts.clock.nowMs();
      await this.kind(kind).announce(now, now + termDays * dayMs);
      await this.#changed(kind, "next key announced");
      await this.#step();
    });
  }

  /** After a theft: uses a new key at once, and does not vouch for it by the stolen one. */
  replace(kind: KeyKind): Promise<void> {
    return this.#steps.run(async () => {
      await this.kind(kind).replace(this.#parts.clock.nowMs());
      await this.#changed(kind, "stolen key replaced");
    });
  }

  /** An appliance has called, and may know the next key now. */
  heard(): void {
    const { log } = this.#parts;
    // One look is enough for all that call while it waits.
    if (this.#waiting || keyKinds.every((kind) => this.kind(kind).next === null)) return;
    this.#waiting = true;
    this.#steps
      .run(async () => {
        this.#waiting = false;
        await this.#step();
      })
      .catch((error: unknown) => log.error("keys not rolled", { error: String(error) }));
  }

  /** Uses what is due, before the platform serves anybody. */
  start(): Promise<void> {
    return this.#steps.run(() => this.#step());
  }

  /** Uses hourly what is due, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    while (!signal.aborted)
      try {
        await clock.sleep(checkMs, signal);
        await this.#steps.run(() => this.#step());
      } catch (error) {
        if (!signal.aborted) log.error("keys not rolled", { error: String(error) });
      }
  }

  async #step(): Promise<void> {
    const { appliances, clock } = this.#parts;
    // Where the disk failed between a key and what is told of it.
    await this.#configuration.setTrust(trustIn(this.#parts));
    for (const kind of keyKinds) {
      const rolling = this.kind(kind);
      const now = clock.nowMs();
      if (rolling.next === null && rolling.isDue(now)) {
        await rolling.announce(now, now + usualTermDays * dayMs);
        await this.#changed(kind, "next key announced");
      }
      const { next } = rolling;
      if (next === null) continue;
      const all = async () =>
        (await appliances.trusts()).every((each) => this.knows(each, kind, next.id));
      if (now < next.useBy && !(await all())) continue;
      await rolling.useNext(now);
      await this.#changed(kind, "next key in use");
    }
  }

  async #changed(kind: KeyKind, what: string): Promise<void> {
    const { log } = this.#parts;
    const { present, next } = this.kind(kind);
    log.warning(what, { kind, present: present.id, next: next?.id ?? null });
    // The server's certificate first: whoever is told of an authority only is still served by it.
    if (kind === "authority") await this.#authorityChanged();
    await this.#configuration.setTrust(trustIn(this.#parts));
  }
}
