import type { Settings } from "../settings/model/schema.ts";
import type { NetworkdFiles } from "./networkd-files.ts";
import { rolesOf } from "./roles.ts";

/**
 * The appliance's name comes from the settings and never from a server. For DHCPv4 netplan's
 * `use-hostname` says so. It writes that into the section [DHCP], which means only DHCPv4 for this
 * option, and cannot say it for DHCPv6 (netplan 1.1.2, systemd 257): networkd would try to set the
 * name, and not be allowed to.
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
