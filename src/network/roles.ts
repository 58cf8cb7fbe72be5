import type { Network, Settings } from "../settings/model/schema.ts";

export type Role = "lan" | "wan";

/**
 * Which interface has which role now, by the kernel's names; null when the one that the settings
 * name is not there.
 */
export interface RoleDevices {
  /**
   * The device that the role's packets pass: the card itself, or the VLAN on it, whose netdev is
   * called as the role.
   */
  lan: string | null;
  /** Null in single mode also. */
  wan: string | null;
  /** The network cards below them. */
  cards: Readonly<Record<Role, string | null>>;
  /** Cards without a role: brought up without addresses, so that their link is seen. */
  spare: readonly string[];
}

export const noDevices: RoleDevices = {
  lan: null,
  wan: null,
  cards: { lan: null, wan: null },
  spare: [],
};

/** The interface of a machine as far as roles need it. */
export interface CandidateInterface {
  name: string;
  macAddress: string;
  /** The roles that it may take where the settings name no card; any when absent. */
  mayTake?: readonly Role[];
}

/**
 * VLANs made for roles are called as these, so they are no cards; they have their card's MAC
 * address.
 */
const netdevNames: readonly string[] = ["lan", "wan"] satisfies Role[];

/** The roles that these settings have, LAN first. */
export function rolesOf(network: Network): Role[] {
  return network.mode === "split" ? ["lan", "wan"] : ["lan"];
}

/**
 * A role has the card with the MAC address of the settings and no other, or, when they name none,
 * the first card that nobody else has or names and that may take it, LAN before WAN. Two roles that
 * name the same card share it by VLAN tags.
 */
export function assignRoles(
  { network }: Pick<Settings, "network">,
  interfaces: readonly CandidateInterface[],
): RoleDevices {
  const all = interfaces.filter(({ name }) => !netdevNames.includes(name));
  const wan = network.mode === "split" ? network.wan : null;
  const named = [network.lan.macAddress, wan?.macAddress ?? null];
  const free = all.filter(({ macAddress }) => !named.includes(macAddress));
  const takeFree = (role: Role) => {
    const index = free.findIndex(({ mayTake }) => mayTake === undefined || mayTake.includes(role));
    return index < 0 ? undefined : free.splice(index, 1)[0];
  };
  const take = (role: Role, macAddress: string | null) =>
    (macAddress === null ? takeFree(role) : all.find((card) => card.macAddress === macAddress))
      ?.name ?? null;
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
