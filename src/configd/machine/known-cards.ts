import { readFile } from "node:fs/promises";
import { writeDurably } from "../../base/durable-file.ts";
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
 * The network cards that were here, on the disk: so that one that comes or goes is noticed, and
 * takes no role from another.
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

  /** Says of each interface which roles it may take by itself. */
  async remember<Interface extends Card>(
    interfaces: Promise<readonly Interface[]>,
  ): Promise<(Interface & { mayTake?: readonly ("lan" | "wan")[] })[]> {
    const [present, memory] = await Promise.all([interfaces, this.#read()]);
    if (memory.length === 0) return [...present];
    const roles = rolesFor(cardsOf(present), memory);
    return present.map((entry) => ({ ...entry, mayTake: roles.get(entry.macAddress) ?? [] }));
  }

  /**
   * Notes what came and what went, and gives what is to be told. At the first start also who has
   * which role.
   */
  async observe(
    present: readonly Card[],
    { cards }: Pick<RoleDevices, "cards">,
  ): Promise<CardReport[]> {
    const start = (await readFile(this.#startFile, "utf8").catch(() => "")).trim();
    const here = cardsOf(present);
    const before = await this.#read();
    const after =
      before.length === 0 ? settleCards(here, cards) : observeCards(here, before, start);
    if (here.length > 0) await this.#write(before, after);
    return reportCards(here, after, start);
  }

  /** The operator has kept settings: what is here now is as it should be. */
  async settle(present: readonly Card[], { cards }: Pick<RoleDevices, "cards">): Promise<void> {
    await this.#write(await this.#read(), settleCards(cardsOf(present), cards));
  }

  async #read(): Promise<CardMemory> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    try {
      const memory = validators.CardMemory(JSON.parse(text));
      return memory.valid ? memory.value : [];
    } catch {
      return [];
    }
  }

  async #write(before: CardMemory, after: CardMemory): Promise<void> {
    const text = JSON.stringify(after);
    if (text !== JSON.stringify(before)) await writeDurably(this.#path, text, { mode: 0o640 });
  }
}

/** A VLAN has its card's address, and is called as its role. */
function cardsOf(interfaces: readonly Card[]): Card[] {
  return interfaces.filter(({ name }) => name !== "lan" && name !== "wan");
}
