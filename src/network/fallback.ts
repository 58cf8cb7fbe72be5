import type { NetworkdFiles } from "./networkd-files.ts";

/**
 * networkd's file for DHCP on one interface, as netplan would make it, for an appliance whose netplan does not work. It has the
 * name of netplan's own, which replaces it as soon as that works again.
 */
export function fallbackFiles(device: string | null): NetworkdFiles {
  const match = device === null ? "Type=ether" : `Name=${device}`;
  const lines = [
    "[Match]",
    match,
    "",
    "[Network]",
    "DHCP=ipv4",
    "LinkLocalAddressing=no",
    "IPv6AcceptRA=no",
    "",
    "[DHCPv4]",
    "ClientIdentifier=mac",
    "RouteMetric=100",
    "UseHostname=no",
    "UseMTU=yes",
  ];
  return new Map([["10-netplan-lan.network", `${lines.join("\n")}\n`]]);
}
