import type { CandidateInterface, Role } from "./roles.ts";

/**
 * A network card that was seen before, known by its MAC address. Nothing on the appliance changes
 * MAC addresses, so it is the permanent one.
 */
export interface RememberedCard {
  macAddress: string;
  /** Its PCI address when it was last here; null for a card that is on no PCI bus. */
  place?: string | null | undefined;
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
  /** The MAC address of the card whose place it took. */
  before?: string | undefined;
}

export type SeenCard = Pick<CandidateInterface, "name" | "macAddress"> & {
  pciAddress?: string | null;
};

/** What a card may be used for when the settings name none. */
export interface CardUse {
  mayTake: Role[];
  /** The MAC address of the card whose place it took. */
  standsFor: string | null;
}

/**
 * The roles that each card may take when the settings name none: the one that it had; or, if it had
 * none, a role that no card ever had. So an added card, which may come first in the hypervisor's
 * order, takes no role from another card, and a role whose card is gone stays without one. The
 * exception are replacements, which are reported.
 */
export function usesOf(cards: readonly SeenCard[], memory: CardMemory): Map<string, CardUse> {
  const held = memory.flatMap(({ role }) => (role === null ? [] : [role]));
  const open = (["lan", "wan"] as const).filter((role) => !held.includes(role));
  const replaced = replacements(cards, memory);
  return new Map(
    cards.map(({ macAddress }) => {
      const before = replaced.get(macAddress);
      const own = (before ?? memory.find((card) => card.macAddress === macAddress))?.role ?? null;
      return [
        macAddress,
        { mayTake: own === null ? open : [own], standsFor: before?.macAddress ?? null },
      ];
    }),
  );
}

/**
 * The cards that have taken the place of others, by their MAC addresses. A machine that was copied,
 * restored or moved has the cards of its original with other MAC addresses, and nobody may be there
 * to say so: the only card of an appliance with a single one has its role, wherever it is, and
 * otherwise each card has the role of the one that was at its PCI address. While any card with a
 * role is here the machine is still the same, somebody has put a card in, and only that person knows
 * to which network it leads.
 */
function replacements(
  cards: readonly SeenCard[],
  memory: CardMemory,
): ReadonlyMap<string, RememberedCard> {
  const isHere = ({ macAddress }: RememberedCard) =>
    cards.some((card) => card.macAddress === macAddress);
  const held = memory.filter(({ role }) => role !== null);
  const [onlyHeld, ...otherHeld] = held;
  if (onlyHeld === undefined || held.some(isHere)) return new Map();
  const fresh = cards.filter(
    ({ macAddress }) =>
      !memory.some((card) => card.macAddress === macAddress && card.newSince === ""),
  );
  if (cards.length === 1 && fresh.length === 1 && otherHeld.length === 0)
    return new Map(
      onlyHeld.role === "lan" ? fresh.map(({ macAddress }) => [macAddress, onlyHeld]) : [],
    );
  const pairs = memory
    .filter((card) => !isHere(card))
    .map((before) => ({ before, now: onlyAt(before.place ?? null, fresh) }));
  if (pairs.some(({ before, now }) => before.role !== null && now === null)) return new Map();
  // A card that had a role comes last, so that it counts where others were at its place too.
  return new Map(
    pairs
      .sort((a, b) => Number(a.before.role !== null) - Number(b.before.role !== null))
      .flatMap(({ before, now }) => (now === null ? [] : [[now.macAddress, before]])),
  );
}

function onlyAt(place: string | null, cards: readonly SeenCard[]): SeenCard | null {
  const there = cards.filter(({ pciAddress }) => place !== null && pciAddress === place);
  return there.length === 1 ? (there[0] ?? null) : null;
}

/** The memory after looking at the present cards. At the first start no card counts as new. */
export function observeCards(
  cards: readonly SeenCard[],
  memory: CardMemory,
  start: string,
): RememberedCard[] {
  const known = memory.flatMap((card): RememberedCard[] => {
    const present = cards.find(({ macAddress }) => macAddress === card.macAddress);
    if (present) return [{ ...card, place: present.pciAddress ?? null, missingSince: null }];
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
      ({ macAddress, pciAddress }): RememberedCard => ({
        macAddress,
        place: pciAddress ?? null,
        role: null,
        newSince,
        missingSince: null,
      }),
    ),
  ];
}

/**
 * The memory after the operator has saved settings: present cards are known, with their present
 * roles, and absent ones are forgotten, unless one has a role that these settings use and that no
 * card has now. Otherwise the next best card would take that role, because of a change that was
 * about something else.
 *
 * @param used the roles of the saved settings
 */
export function settleCards(
  cards: readonly SeenCard[],
  assigned: Readonly<Record<Role, string | null>>,
  used: readonly Role[],
  memory: CardMemory,
): RememberedCard[] {
  const roleOf = (name: string) =>
    (["lan", "wan"] as const).find((role) => assigned[role] === name) ?? null;
  const waitedFor = memory.filter(
    ({ macAddress, role }) =>
      role !== null &&
      used.includes(role) &&
      assigned[role] === null &&
      !cards.some((card) => card.macAddress === macAddress),
  );
  return [
    ...waitedFor,
    ...cards.map(({ name, macAddress, pciAddress }) => ({
      macAddress,
      place: pciAddress ?? null,
      role: roleOf(name),
      newSince: "",
      missingSince: null,
    })),
  ];
}

/** The changes that the operator is told about. */
export function reportCards(
  cards: readonly SeenCard[],
  memory: CardMemory,
  start: string,
): CardReport[] {
  const replaced = replacements(cards, memory);
  const gone = [...replaced.values()].map(({ macAddress }) => macAddress);
  return memory.flatMap(({ macAddress, role, newSince, missingSince }): CardReport[] => {
    const before = replaced.get(macAddress);
    if (before !== undefined)
      return before.role === null
        ? []
        : [
            {
              code: "interface-replaced",
              macAddress,
              role: before.role,
              before: before.macAddress,
            },
          ];
    if (gone.includes(macAddress)) return [];
    if (missingSince !== null) return [{ code: "interface-missing", macAddress, role }];
    return newSince !== "" && newSince === start
      ? [{ code: "interface-added", macAddress, role }]
      : [];
  });
}
