import type { Settings } from "../settings/schema.ts";
import { type RoleDevices, scanTable } from "./netplan.ts";
import type { NetworkdFiles } from "./networkd-files.ts";

/**
 * What split mode needs of networkd and netplan has no words for: drop-ins of the files that netplan makes, by their names below networkd's
 * folder. netplan's own rewriting leaves them alone.
 */
export function renderSplitDropIns({ network }: Settings, { lan }: RoleDevices): NetworkdFiles {
  if (network.mode !== "split" || lan === null) return new Map();
  const dropIn = `[Network]
DNSDefaultRoute=no

[DHCPv4]
RouteTable=${scanTable}
`;
  return new Map([["10-netplan-lan.network.d/50-split.conf", dropIn]]);
}
