import { assignRoles, rolesOf } from "../../network/netplan.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { LiveInterface } from "../machine/system.ts";

/**
 * Whether each role has the address that the settings give it. An interface without a link counts as
 * ready, because it will get none.
 */
export function areSettled(settings: Settings, interfaces: readonly LiveInterface[]): boolean {
  const { network } = settings;
  const devices = assignRoles(settings, interfaces);
  return rolesOf(network).every((role) => {
    const { ipv4, ipv6 } = network.mode === "split" ? network[role] : network.lan;
    const facts = interfaces.find((entry) => entry.name === devices[role]);
    if (!facts?.linkUp) return true;
    // A static address is usable after duplicate address detection (RFC 4862 5.4), about a second.
    // Beside IPv4 SLAAC is not waited for: there may be no router that advertises a prefix. Without
    // IPv4 there is nothing to check before the router has answered.
    const addressed6 =
      ipv6.method === "static"
        ? facts.addresses.includes(ipv6.address)
        : ipv4.method !== "off" || ipv6.method === "off" || facts.addresses.length > 0;
    // networkd lists an address before duplicate address detection ends, and nothing is sent from it.
    if (ipv4.method === "off") return addressed6 && facts.state === "configured";
    const addressed =
      ipv4.method === "static" ? facts.addresses.includes(ipv4.address) : facts.dhcp;
    return addressed && addressed6 && facts.state === "configured";
  });
}
