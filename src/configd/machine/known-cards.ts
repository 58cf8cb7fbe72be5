import { isDeepStrictEqual } from "node:util";
import { writeDurably } from "../../base/durable-file.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import {
  type CardMemory,
  type CardReport,
  observeCards,
  reportCards,
  rolesFor,
  settleCards,
} from "../../network/card-memory.ts";
import type { CandidateInterface, RoleDevices } from "../../network/roles.ts";
import type { AppliancePaths } from "../api/paths.ts";
import { validators } from "../state/validators.ts";

type Card = Pick<CandidateInterface, "name" | "macAddress">;

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

  /** Marks which roles each interface may take automatically. */
  async remember<Interface extends Card>(
    interfaces: Promise<readonly Interface[]>,
  ): Promise<(Interface & { mayTake?: readonly ("lan" | "wan")[] })[]> {
    const [present, memory] = await Promise.all([interfaces, this.#read()]);
    if (memory.length === 0) return [...present];
    const roles = rolesFor(cardsOf(present), memory);
    return present.map((entry) => ({ ...entry, mayTake: roles.get(entry.macAddress) ?? [] }));
  }

  /**
   * Records the cards that came or went, and returns what to report. On the first boot it records
   * the cards with their roles and reports none as new.
   */
  async observe(
    present: readonly Card[],
    { cards }: Pick<RoleDevices, "cards">,
  ): Promise<CardReport[]> {
    const start = ((await readTextIfPossible(this.#startFile)) ?? "").trim();
    const here = cardsOf(present);
    const before = await this.#read();
    const after =
      before.length === 0 ? settleCards(here, cards) : observeCards(here, before, start);
    if (here.length > 0) await this.#write(before, after);
    return reportCards(here, after, start);
  }

  /** Accepts the present cards and roles, after the operator kept settings. */
  async accept(present: readonly Card[], { cards }: Pick<RoleDevices, "cards">): Promise<void> {
    await this.#write(await this.#read(), settleCards(cardsOf(present), cards));
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
function cardsOf(interfaces: readonly Card[]): Card[] {
  return interfaces.filter(({ name }) => name !== "lan" && name !== "wan");
}
