import type { Settings } from "../settings/model/schema.ts";
import { renderFirewall } from "./firewall.ts";
import { type Guarded, guardedOf, scanMark } from "./guards.ts";
import { type RoleDevices, scanTable } from "./netplan.ts";
import type { NetworkdFiles } from "./networkd-files.ts";
import { scanUser } from "./users.ts";

/**
 * What split mode needs of networkd and netplan has no words for: drop-ins of the files that
 * netplan makes, by their names below networkd's folder. netplan's own rewriting leaves them alone.
 * The resolver asks the management side for every name (netplan's `~.` there), and never the scan
 * side: neither by default, which would be so while the other link is down, nor for domains that
 * belong to it. What DHCP and advertisements bring goes into the scan side's own table, the
 * connected prefix included.
 */
export function renderSplitDropIns(
  { network }: Pick<Settings, "network">,
  { lan }: RoleDevices,
): NetworkdFiles {
  if (network.mode !== "split" || lan === null) return new Map();
  // The kernel has it in the main table only, and in the scan side's own the default route would be
  // taken to a neighbour.
  const neighbours =
    network.lan.ipv6.method === "off"
      ? ""
      : `\n[Route]\nDestination=fe80::/64\nTable=${scanTable}\n`;
  const dropIn = `[Network]
DNSDefaultRoute=no
Domains=

[DHCPv4]
RouteTable=${scanTable}
UseDomains=no
UseNTP=no

[DHCPv6]
UseDomains=no
UseNTP=no

[IPv6AcceptRA]
RouteTable=${scanTable}
UseDomains=no
${neighbours}`;
  return new Map([["10-netplan-lan.network.d/50-split.conf", dropIn]]);
}

/** All that decides where packets go and is not networkd's. */
export interface Routing {
  split: boolean;
  /** The device that the scan's packets pass. */
  lan: string | null;
  /** nftables' text. */
  firewall: string;
  /**
   * ip-rule(8)'s words for each rule but the family; every one holds for IPv4 and IPv6. None in
   * single mode.
   */
  rules: readonly string[];
  /** The only interfaces that the agent's unit may use; null when it may use any. */
  agentInterfaces: readonly string[] | null;
}

/**
 * Where our rules stand among ip-rule(8)'s priorities: after the `local` table and long before
 * `main` (32766).
 */
export const rulePriorities = { device: 900, answers: 950, scan: 1000, closed: 1001 } as const;

/**
 * Single mode is Linux as it is: no rule, no mark, one table. In split mode
 *
 * - a socket that is bound to the scan side's device uses its table (DHCP's, and nmap's route
 *   look-ups for `-e`);
 * - so do the kernel's own answers to what came in there: resets, echo replies, unreachables. They
 *   belong to no user; a mark is set
 *   on what comes in and reflected (`fwmark_reflect`), so that no rule has to follow an address that DHCP may change;
 * - so does whatever the scan's user sends, and when that table knows no way, as when the link is
 *   down, it gets none at all.
 *
 * Everything else uses the main table, in which only the management side's default route is.
 */
export function renderRouting(
  { network }: Pick<Settings, "network">,
  devices: RoleDevices,
): Routing {
  if (network.mode !== "split")
    return {
      split: false,
      lan: devices.lan,
      firewall: renderFirewall(null),
      rules: [],
      agentInterfaces: null,
    };
  const guarded: Guarded = guardedOf(network, devices);
  const { device, answers, scan, closed } = rulePriorities;
  const rules = [
    ...(devices.lan === null ? [] : [`priority ${device} oif ${devices.lan} lookup ${scanTable}`]),
    `priority ${answers} fwmark 0x${scanMark.toString(16)} lookup ${scanTable}`,
    `priority ${scan} uidrange ${scanUser}-${scanUser} lookup ${scanTable}`,
    `priority ${closed} uidrange ${scanUser}-${scanUser} prohibit`,
  ];
  const agentInterfaces = ["lo", ...(devices.wan === null ? [] : [devices.wan])];
  return {
    split: true,
    lan: devices.lan,
    firewall: renderFirewall(guarded),
    rules,
    agentInterfaces,
  };
}
