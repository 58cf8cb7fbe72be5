import type { Settings } from "../settings/model/schema.ts";
import { renderFirewall } from "./firewall.ts";
import { type Guarded, guardedOf, scanMark } from "./guards.ts";
import { type RoleDevices, scanTable } from "./netplan.ts";
import type { NetworkdFiles } from "./networkd-files.ts";
import { scanUser } from "./users.ts";

/**
 * Settings of split mode that netplan cannot express: drop-ins for netplan's files, by their paths
 * below networkd's folder. netplan leaves them alone when it rewrites its files. The resolver asks
 * the management side for every name (netplan's `~.` there) and never the scan side: neither by
 * default, which would happen while the other link is down, nor for domains of that side. Routes of
 * DHCP and router advertisements go into the scan side's own table, including that to the connected
 * prefix.
 */
export function renderSplitDropIns(
  { network }: Pick<Settings, "network">,
  { lan }: RoleDevices,
): NetworkdFiles {
  if (network.mode !== "split" || lan === null) return new Map();
  // The kernel puts the link-local route into the main table only; in the scan side's table a
  // packet to a neighbour would take the default route.
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

/** Everything outside networkd that decides where packets go. */
export interface Routing {
  split: boolean;
  /** The device that the scan's packets pass. */
  lan: string | null;
  /** nftables' text. */
  firewall: string;
  /**
   * Each rule as arguments of ip-rule(8), without the family: each is for IPv4 and IPv6. None in
   * single mode.
   */
  rules: readonly string[];
  /** The only devices that the agent's unit may use; null when it may use any. */
  agentInterfaces: readonly string[] | null;
}

/**
 * The priorities of our rules (ip-rule(8)): after the `local` table and long before `main` (32766).
 */
export const rulePriorities = { device: 900, answers: 950, scan: 1000, closed: 1001 } as const;

/**
 * Single mode is plain Linux: no rule, no mark, one table. In split mode the scan side's table is
 * used
 *
 * - by a socket that is bound to the scan side's device (DHCP, and nmap's route look-ups for `-e`);
 * - by the kernel's own answers to packets from there: resets, echo replies, unreachables. They
 *   belong to no user, so incoming packets get a mark that the answers inherit (`fwmark_reflect`);
 *   no rule has to follow an address that DHCP may change;
 * - by the scan's user. When that table has no route, for example while the link is down or where
 *   the LAN lacks the IP version, the packet is refused. The kernel's own answers are not refused
 *   here: they go on to the guards, which stop and count them.
 *
 * Everything else uses the main table, whose only default route is that of the management side.
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
