import { isDeepStrictEqual } from "node:util";
import { writeDurably } from "../../base/durable-file.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import {
  type CardMemory,
  type CardReport,
  type CardUse,
  observeCards,
  reportCards,
  type SeenCard,
  settleCards,
  usesOf,
} from "../../network/card-memory.ts";
import type { Role, RoleDevices } from "../../network/roles.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { validators } from "../state/validators.ts";

/**
 * The network cards that this appliance has seen, on the disk. configd reports a card that comes or
 * goes, and a new one takes no role from another.
 */
export class KnownCards {
  readonly #path: string;
  readonly #startFile: string;

  constructor(
    paths: Pick<AppliancePaths, "settings">,
    startFile = "/proc/sys/kernel/random/boot_id",
  ) {
    this.#path = paths.settings.cards;
    this.#startFile = startFile;
  }

  /** Marks which roles each interface may take automatically, and for which card it stands. */
  async remember<Interface extends SeenCard>(
    interfaces: Promise<readonly Interface[]>,
  ): Promise<(Interface & Partial<CardUse>)[]> {
    const [present, memory] = await Promise.all([interfaces, this.#read()]);
    if (memory.length === 0) return [...present];
    const uses = usesOf(cardsOf(present), memory);
    const none: CardUse = { mayTake: [], standsFor: null };
    return present.map((entry) => ({ ...entry, ...(uses.get(entry.macAddress) ?? none) }));
  }

  /**
   * Records the cards that came or went, and returns what to report. On the first boot it records
   * the cards with their roles and reports none as new.
   */
  async observe(
    present: readonly SeenCard[],
    { cards }: Pick<RoleDevices, "cards">,
  ): Promise<CardReport[]> {
    const start = ((await readTextIfPossible(this.#startFile)) ?? "").trim();
    const here = cardsOf(present);
    const before = await this.#read();
    const after =
      before.length === 0 ? settleCards(here, cards, [], []) : observeCards(here, before, start);
    if (here.length > 0) await this.#write(before, after);
    return reportCards(here, after, start);
  }

  /** Accepts the present cards and roles, after the operator kept settings with these roles. */
  async accept(
    present: readonly SeenCard[],
    { cards }: Pick<RoleDevices, "cards">,
    used: readonly Role[],
  ): Promise<void> {
    const memory = await this.#read();
    await this.#write(memory, settleCards(cardsOf(present), cards, used, memory));
  }

  async #read(): Promise<CardMemory> {
    const text = await readTextIfPossible(this.#path);
    try {
      const memory = validators.CardMemory(JSON.parse(text ?? "null"));
      return memory.valid ? memory.value : [];
    } catch {
      // A damaged file counts as none.
      return [];
    }
  }

  async #write(before: CardMemory, after: CardMemory): Promise<void> {
    if (isDeepStrictEqual(before, after)) return;
    await writeDurably(this.#path, JSON.stringify(after), { mode: 0o640 });
  }
}

/** The cards without VLANs, which have their card's MAC address and are named after their role. */
function cardsOf(interfaces: readonly SeenCard[]): SeenCard[] {
  return interfaces.filter(({ name }) => name !== "lan" && name !== "wan");
}
