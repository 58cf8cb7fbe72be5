import type { CandidateInterface, Role } from "./roles.ts";

/**
 * A network card that was seen before, known by its MAC address. Nothing on the appliance changes
 * MAC addresses, so it is the permanent one.
 */
export interface RememberedCard {
  macAddress: string;
  /** Its role when settings were last saved, or at the first start. */
  role: Role | null;
  /**
   * The start of the machine at which it was new; empty when the operator has saved settings since.
   */
  newSince: string;
  /** The start of the machine at which it was missing first. */
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
 * The roles that each card may take when the settings name none: the one that it had; or, if it had
 * none, a role that no card ever had. So an added card, which may come first in the hypervisor's
 * order, takes no role from another card, and a role whose card is gone stays without one. One
 * exception is unambiguous and is reported: the only card of an appliance with a single card was
 * replaced, since a machine that was restored or copied gets a new MAC address.
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
  const wasOnlyLan = held.length === 1 && held[0]?.role === "lan";
  const isReplacement = !known && wasOnlyLan && held[0]?.macAddress !== only.macAddress;
  return isReplacement ? only.macAddress : null;
}

/** The memory after looking at the present cards. At the first start no card counts as new. */
export function observeCards(
  cards: readonly Card[],
  memory: CardMemory,
  start: string,
): RememberedCard[] {
  const known = memory.flatMap((card): RememberedCard[] => {
    if (cards.some(({ macAddress }) => macAddress === card.macAddress))
      return [{ ...card, missingSince: null }];
    // A missing card without a role is reported until the next start.
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
 * The memory after the operator has saved settings: present cards are known, with their present
 * roles, and absent ones are forgotten.
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

/** The changes that the operator is told about. */
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
