import type { NetworkdFiles } from "./networkd-files.ts";
import type { Role } from "./roles.ts";

/**
 * networkd's files for DHCP on the roles' devices, as netplan would make them, for an appliance
 * whose netplan does not work. They have the names of netplan's own files, which replace them as
 * soon as netplan works again.
 *
 * @param home the role that calls home
 */
export function fallbackFiles(
  devices: Readonly<Record<Role, string | null>>,
  home: Role,
): NetworkdFiles {
  const files = new Map<string, string>();
  for (const role of ["lan", "wan"] as const) {
    const device = devices[role];
    if (device === null) continue;
    const lines = [
      "[Match]",
      `Name=${device}`,
      "",
      "[Network]",
      "DHCP=ipv4",
      "LinkLocalAddressing=no",
      "IPv6AcceptRA=no",
      // netplan's form for the side that the resolver asks for every name.
      ...(role === home ? ["Domains=~."] : []),
      "",
      "[DHCPv4]",
      "ClientIdentifier=mac",
      "RouteMetric=100",
      "UseHostname=no",
      "UseMTU=yes",
    ];
    files.set(`10-netplan-${role}.network`, `${lines.join("\n")}\n`);
  }
  return files;
}
