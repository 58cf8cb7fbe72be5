import type { PlatformContext } from "../services/context.ts";
import { type KeyKind, keyKinds } from "../services/key-rolls.ts";
import type { ApplianceTrust } from "../store/appliance-records.ts";
import type { Actor, Journal } from "./journal.ts";
import type { NamedAppliance, NewRoll, PlatformKeysReply, PlatformKeyView } from "./key-schemas.ts";

type Context = Pick<PlatformContext, "store" | "rolls" | "replyKeys" | "changes">;

/** The keys by which appliances know this platform, and replacing them. */
export class PlatformKeys {
  readonly #context: Context;
  readonly #journal: Journal;

  constructor(context: Context, journal: Journal) {
    this.#context = context;
    this.#journal = journal;
  }

  async view(): Promise<PlatformKeysReply> {
    const { store, rolls } = this.#context;
    const fleet = await store.appliances.trusts();
    return {
      appliances: fleet.length,
      keys: keyKinds.flatMap((kind) => this.#views(kind, fleet)),
      revoked: keyKinds.flatMap((kind) =>
        rolls.kind(kind).revoked.map(({ id, at }) => ({ kind, id, at })),
      ),
      lost: fleet.filter((each) => this.#isLost(each)).map(named),
    };
  }

  async roll(kind: KeyKind, { now = false, termDays }: NewRoll, who: Actor): Promise<void> {
    const { rolls, changes } = this.#context;
    const work = () => (now ? rolls.replace(kind) : rolls.roll(kind, termDays));
    const what = now ? "platform-key-replaced" : "platform-key-rolled";
    const describe = () => {
      const { present, next } = rolls.kind(kind);
      return next === null ? `${present.id} in use` : `${next.id} announced`;
    };
    try {
      await this.#journal.note({ what, subject: kind }, who, work, describe);
    } finally {
      changes.publish(null);
    }
  }

  #views(kind: KeyKind, fleet: readonly ApplianceTrust[]): PlatformKeyView[] {
    const { rolls } = this.#context;
    const { present, next } = rolls.kind(kind);
    const view = (
      id: string,
      rest: Pick<PlatformKeyView, "state" | "since" | "useBy">,
    ): PlatformKeyView => {
      const unknown = fleet.filter((each) => !rolls.knows(each, kind, id));
      return {
        kind,
        id,
        ...rest,
        known: fleet.length - unknown.length,
        unknown: unknown.map(named),
      };
    };
    return [
      view(present.id, { state: "used", since: present.since, useBy: null }),
      ...(next
        ? [view(next.id, { state: "announced", since: next.madeAt, useBy: next.useBy })]
        : []),
    ];
  }

  /** An appliance that knows any key from which a succession leads to the present one comes back. */
  #isLost(appliance: ApplianceTrust): boolean {
    const { rolls, replyKeys } = this.#context;
    const { told, enrolledAt } = appliance;
    // One of version 0.2, or one that has not called since the platform was of that version: it
    // follows no succession, and learns no authority besides.
    if (!told?.trusts)
      return keyKinds.some((kind) => {
        const { id, since } = rolls.kind(kind).present;
        return this.#wasReplaced(kind) && enrolledAt < since && !rolls.knows(appliance, kind, id);
      });
    const { trusts } = told;
    const { present } = rolls.kind("reply");
    const { successions } = replyKeys.successions;
    const leading = new Set([present.id]);
    // The successions stand in the order of their making: the last leads to the present key.
    for (const { from, to } of [...successions].reverse())
      if (leading.has(to.keyId)) leading.add(from);
    return !trusts.replyKeys.some((id) => leading.has(id));
  }

  /** Whether the present key took the place of a stolen one, and not of one that announced it. */
  #wasReplaced(kind: KeyKind): boolean {
    const { present, revoked } = this.#context.rolls.kind(kind);
    return revoked.some(({ at }) => at === present.since);
  }
}

function named({ id, name }: ApplianceTrust): NamedAppliance {
  return { id, name };
}
