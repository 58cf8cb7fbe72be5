import type { CandidateInterface, Role } from "./roles.ts";

/**
 * A network card that was here at some time, told by its MAC address: nothing here ever changes
 * one, so it is the permanent one.
 */
export interface RememberedCard {
  macAddress: string;
  /** The role that it had when settings were last kept, or at the first start. */
  role: Role | null;
  /**
   * The start of the machine at which it was new; empty when the operator has kept settings since.
   */
  newSince: string;
  /** The start at which it was found missing. */
  missingSince: string | null;
}
export type CardMemory = readonly RememberedCard[];

export interface CardReport {
  code: "interface-missing" | "interface-added" | "interface-replaced";
  macAddress: string;
  role: Role | null;
}

type Card = Pick<CandidateInterface, "name" | "macAddress">;

/**
 * Which roles each card may take where the settings name none: the one that it had; a role that
 * nobody ever had, if it had none itself. So a card that is added, and may come first in the
 * hypervisor's order, takes nothing from another one, and a role whose card is gone stays without.
 * There is one exception, in which nothing else can be meant and which is reported: the only card
 * of an appliance that had only the one was replaced (a machine that was restored or copied gets a
 * new MAC address).
 */
export function rolesFor(cards: readonly Card[], memory: CardMemory): Map<string, Role[]> {
  const held = memory.flatMap(({ role }) => (role === null ? [] : [role]));
  const replacement = replacementIn(cards, memory);
  const open = (["lan", "wan"] as const).filter((role) => !held.includes(role));
  return new Map(
    cards.map(({ macAddress }) => {
      if (macAddress === replacement) return [macAddress, ["lan", ...open]];
      const own = memory.find((card) => card.macAddress === macAddress)?.role ?? null;
      return [macAddress, own === null ? open : [own]];
    }),
  );
}

function replacementIn(cards: readonly Card[], memory: CardMemory): string | null {
  const [only, ...others] = cards;
  if (only === undefined || others.length > 0) return null;
  const known = memory.some((card) => card.macAddress === only.macAddress && card.newSince === "");
  const held = memory.filter(({ role }) => role !== null);
  return !known &&
    held.length === 1 &&
    held[0]?.role === "lan" &&
    held[0].macAddress !== only.macAddress
    ? only.macAddress
    : null;
}

/** The memory after a look at what is there. Cards of an empty memory are nobody's news. */
export function observeCards(
  cards: readonly Card[],
  memory: CardMemory,
  start: string,
): RememberedCard[] {
  const known = memory.flatMap((card): RememberedCard[] => {
    if (cards.some(({ macAddress }) => macAddress === card.macAddress))
      return [{ ...card, missingSince: null }];
    // One without a role is told of until the next start.
    const forgotten =
      card.role === null && card.missingSince !== null && card.missingSince !== start;
    return forgotten ? [] : [{ ...card, missingSince: card.missingSince ?? start }];
  });
  const added = cards.filter(
    ({ macAddress }) => !memory.some((card) => card.macAddress === macAddress),
  );
  const newSince = memory.length === 0 ? "" : start;
  return [
    ...known,
    ...added.map(
      ({ macAddress }): RememberedCard => ({
        macAddress,
        role: null,
        newSince,
        missingSince: null,
      }),
    ),
  ];
}

/**
 * The memory after the operator kept settings: what is there is known, what is not is forgotten,
 * roles are as they are now.
 */
export function settleCards(
  cards: readonly Card[],
  assigned: Readonly<Record<Role, string | null>>,
): RememberedCard[] {
  const roleOf = (name: string) =>
    (["lan", "wan"] as const).find((role) => assigned[role] === name) ?? null;
  return cards.map(({ name, macAddress }) => ({
    macAddress,
    role: roleOf(name),
    newSince: "",
    missingSince: null,
  }));
}

/** What the operator should hear of. */
export function reportCards(
  cards: readonly Card[],
  memory: CardMemory,
  start: string,
): CardReport[] {
  const replacement = replacementIn(cards, memory);
  return memory.flatMap(({ macAddress, role, newSince, missingSince }): CardReport[] => {
    if (missingSince !== null) return [{ code: "interface-missing", macAddress, role }];
    if (macAddress === replacement)
      return [{ code: "interface-replaced", macAddress, role: "lan" }];
    return newSince !== "" && newSince === start
      ? [{ code: "interface-added", macAddress, role }]
      : [];
  });
}
