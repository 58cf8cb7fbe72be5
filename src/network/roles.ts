import type { Network, Settings } from "../settings/model/schema.ts";

export type Role = "lan" | "wan";

/** The devices of the roles; null when the card that the settings name is absent. */
export interface RoleDevices {
  /**
   * The device that the role's packets pass: that of the card itself, or of the VLAN on it, whose
   * netdev has the role's name.
   */
  lan: string | null;
  /** Also null in single mode. */
  wan: string | null;
  /** The devices of the network cards below them. */
  cards: Readonly<Record<Role, string | null>>;
  /**
   * Devices of cards without a role: brought up without addresses, so that their link state is
   * seen.
   */
  spare: readonly string[];
}

export const noDevices: RoleDevices = {
  lan: null,
  wan: null,
  cards: { lan: null, wan: null },
  spare: [],
};

/** The part of an interface that the assignment of roles needs. */
export interface CandidateInterface {
  name: string;
  macAddress: string;
  /** The roles that it may take when the settings name no card; any role when absent. */
  mayTake?: readonly Role[] | undefined;
  /** The MAC address of the card whose place it took, which the settings may still name. */
  standsFor?: string | null | undefined;
}

/**
 * Netdevs of VLANs have a role's name. They are no cards, though they have their card's MAC
 * address.
 */
const netdevNames: readonly string[] = ["lan", "wan"] satisfies Role[];

/** The roles in these settings, LAN first. */
export function rolesOf(network: Network): Role[] {
  return network.mode === "split" ? ["lan", "wan"] : ["lan"];
}

/** Whether the settings mean this card by a MAC address. */
export function isNamed(
  { macAddress, standsFor }: Pick<CandidateInterface, "macAddress" | "standsFor">,
  named: string | null,
): boolean {
  return named !== null && (macAddress === named || standsFor === named);
}

/**
 * A role gets the card with the MAC address in the settings, or the one that stands for it, and no
 * other. When the settings name
 * none, it gets the first card that has no role, is not named, and may take it; LAN before WAN. Two
 * roles that name the same card share it by VLAN tags.
 */
export function assignRoles(
  { network }: Pick<Settings, "network">,
  interfaces: readonly CandidateInterface[],
): RoleDevices {
  const all = interfaces.filter(({ name }) => !netdevNames.includes(name));
  const wan = network.mode === "split" ? network.wan : null;
  const named = [network.lan.macAddress, wan?.macAddress ?? null];
  const free = all.filter((card) => !named.some((each) => isNamed(card, each)));
  const takeFree = (role: Role) => {
    const index = free.findIndex(({ mayTake }) => mayTake === undefined || mayTake.includes(role));
    return index < 0 ? undefined : free.splice(index, 1)[0];
  };
  const take = (role: Role, macAddress: string | null) =>
    (macAddress === null ? takeFree(role) : all.find((card) => isNamed(card, macAddress)))?.name ??
    null;
  const cards = {
    lan: take("lan", network.lan.macAddress),
    wan: wan === null ? null : take("wan", wan.macAddress),
  };
  return {
    lan: cards.lan !== null && network.lan.vlan !== null ? "lan" : cards.lan,
    wan: cards.wan !== null && wan !== null && wan.vlan !== null ? "wan" : cards.wan,
    cards,
    spare: all.map(({ name }) => name).filter((name) => name !== cards.lan && name !== cards.wan),
  };
}
