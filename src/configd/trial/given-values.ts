import { assignRoles, rolesOf } from "../../network/roles.ts";
import type { GivenValues } from "../../settings/changes.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { LiveInterface } from "../machine/system.ts";

/** Of a value in the status document. */
const longestText = 2000;

/**
 * What DHCP and routers have given to each role's card, by the settings that leave it to them. A
 * review names it: the operator sees which address goes, and not only how it came.
 */
export function givenValues(settings: Settings, interfaces: readonly LiveInterface[]): GivenValues {
  const { cards } = assignRoles(settings, interfaces);
  const values = rolesOf(settings.network).flatMap((role) => {
    const card = interfaces.find(({ name }) => name === cards[role]);
    return card === undefined ? [] : valuesOf(card, `network.${role}` as const);
  });
  const timeServers = interfaces.flatMap((card) => card.timeServers);
  return Object.fromEntries(
    [...values, ["time.servers", timeServers] as const].flatMap(([path, texts]) =>
      texts.length === 0 ? [] : [[path, [...new Set(texts)].join(", ").slice(0, longestText)]],
    ),
  );
}

function valuesOf<Place extends "network.lan" | "network.wan">(
  { addresses, origins, gateways, dns, dhcp }: LiveInterface,
  place: Place,
) {
  const from = (wanted: readonly string[]) =>
    addresses.filter((_, index) => wanted.includes(origins[index] ?? "static"));
  const isIpv6 = (address: string) => address.includes(":");
  const automatic = from(["router", "dhcpv6"]);
  return [
    [`${place}.ipv4.address`, from(["dhcp"])],
    [`${place}.ipv4.gateway`, dhcp ? gateways.filter((each) => !isIpv6(each)) : []],
    [`${place}.ipv6.address`, automatic],
    [`${place}.ipv6.gateway`, automatic.length > 0 ? gateways.filter(isIpv6) : []],
    [`${place}.dns.servers`, dhcp ? dns : []],
  ] as const;
}
