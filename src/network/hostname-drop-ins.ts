import type { Settings } from "../settings/model/schema.ts";
import type { NetworkdFiles } from "./networkd-files.ts";
import { rolesOf } from "./roles.ts";

/**
 * The appliance's name is the settings', never a server's. For DHCPv4 netplan's `use-hostname` says
 * so; it writes that into the section [DHCP], which for this means DHCPv4 only, and has no other
 * word for DHCPv6 (netplan 1.1.2, systemd 257): networkd would try, and not be allowed to.
 */
export function renderHostnameDropIns({ network }: Pick<Settings, "network">): NetworkdFiles {
  const roles = rolesOf(network).filter(
    (role) => (network.mode === "split" ? network[role] : network.lan).ipv6.method === "automatic",
  );
  return new Map(
    roles.map((role) => [
      `10-netplan-${role}.network.d/40-hostname.conf`,
      "[DHCPv6]\nUseHostname=no\n",
    ]),
  );
}
