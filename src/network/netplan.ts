import { stringify } from "yaml";
import { formatNetwork, type Prefix, parsePrefix } from "../base/addresses/prefix.ts";
import type { InterfaceSettings, Settings, StaticRoute } from "../settings/model/schema.ts";
import { type Role, type RoleDevices, rolesOf } from "./roles.ts";

export {
  assignRoles,
  type CandidateInterface,
  noDevices,
  type Role,
  type RoleDevices,
  rolesOf,
} from "./roles.ts";

/** Metric of a role's default route. */
const defaultMetric = 100;
const ethernetMtu = 1500;
/**
 * The routing table of the scan side in split mode; `split-routing.ts` says which packets use it.
 */
export const scanTable = 100;

/**
 * netplan's YAML for the settings. Every field is written, so that returning to older settings sets
 * each value instead of relying on defaults. Links are matched by the kernel's present device name:
 * netplan turns a MAC address into `PermanentMACAddress=`, which never matches devices that have
 * none (veth pairs, some paravirtual cards).
 */
export function renderNetplan(settings: Settings, devices: RoleDevices): string {
  const { network } = settings;
  const ethernets: Record<string, object> = {};
  const vlans: Record<string, object> = {};
  const mtus = new Map<string, number>();
  for (const role of rolesOf(network)) {
    const own = network.mode === "split" ? network[role] : network.lan;
    const match = matchOf(own, devices.cards[role]);
    if (match === null) continue;
    const stanza = renderInterface(role, own, settings);
    if (own.vlan === null) ethernets[role] = { match, ...stanza };
    else {
      const card = cardId(own, devices.cards[role]);
      // A VLAN's packets cannot be larger than those of its card.
      mtus.set(card, Math.max(mtus.get(card) ?? ethernetMtu, own.mtu ?? ethernetMtu));
      ethernets[card] = { match, ...unaddressed, mtu: mtus.get(card) };
      vlans[role] = { id: own.vlan, link: card, ...stanza };
    }
  }
  for (const name of devices.spare)
    ethernets[`spare-${name}`] = { match: { name }, ...unaddressed };
  const document = {
    network: {
      version: 2,
      renderer: "networkd",
      ethernets,
      ...(Object.keys(vlans).length === 0 ? {} : { vlans }),
    },
  };
  return stringify(document, {
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

const unaddressed = {
  optional: true,
  dhcp4: false,
  dhcp6: false,
  "accept-ra": false,
  "link-local": [],
};

function renderInterface(role: Role, own: InterfaceSettings, { network, time }: Settings): object {
  const { ipv4, ipv6, dns } = own;
  const split = network.mode === "split";
  const callsHome = !split || role === "wan";
  const table = split && role === "lan" ? { table: scanTable } : {};
  const overrides = {
    "use-dns": dns.servers.length === 0,
    "use-domains": dns.search.length === 0,
    "use-hostname": false,
    // Time comes only over the side that calls home, and not from the lease when servers are set.
    "use-ntp": time.servers.length === 0 && callsHome,
    "use-mtu": own.mtu === null,
    "use-routes": true,
    "send-hostname": true,
    "route-metric": defaultMetric,
  };
  const automatic = ipv6.method === "automatic";
  const addresses = [ipv4, ipv6].flatMap((family) =>
    family.method === "static" ? [family.address] : [],
  );
  // With DHCP no MTU is written, or networkd would ignore the one that the server announces
  // (systemd.network(5), UseMTU=).
  const mtu = own.mtu ?? (ipv4.method === "dhcp" ? null : ethernetMtu);
  return {
    // Nothing at boot waits for this link; the agent notices by itself when it is up.
    optional: true,
    dhcp4: ipv4.method === "dhcp",
    dhcp6: automatic,
    "accept-ra": automatic,
    "link-local": ipv6.method === "off" ? [] : ["ipv6"],
    // Most DHCP servers make reservations by MAC address.
    ...(ipv4.method === "dhcp" ? { "dhcp-identifier": "mac", "dhcp4-overrides": overrides } : {}),
    // networkd has one set of overrides for both families, and netplan refuses any difference.
    ...(automatic ? { "dhcp6-overrides": overrides, "ipv6-privacy": false } : {}),
    ...(automatic
      ? {
          "ra-overrides": {
            "use-dns": overrides["use-dns"],
            "use-domains": overrides["use-domains"],
            ...table,
          },
        }
      : {}),
    ...(mtu === null ? {} : { mtu }),
    ...(addresses.length > 0 ? { addresses } : {}),
    routes: renderRoutes(own, table),
    // `~.` makes the resolver ask this side for every name (systemd.network(5), Domains=), those
    // under .local too, which would otherwise go to multicast DNS alone (systemd-resolved.service(8)).
    nameservers: {
      addresses: dns.servers,
      search: callsHome ? [...dns.search, "~."] : dns.search,
    },
  };
}

/**
 * A role with a table of its own also needs the routes to its neighbours, which the kernel puts
 * into the main table only.
 */
function renderRoutes(
  { ipv4, ipv6, routes }: InterfaceSettings,
  table: { table?: number },
): object[] {
  const rendered: object[] = [];
  for (const family of [ipv4, ipv6]) {
    if (family.method !== "static") continue;
    const own = parsePrefix(family.address);
    // A prefix of one host has no neighbours: its gateway is reached on the link, whatever its
    // address.
    const onLink = own !== null && isHost(own);
    if (own !== null && table.table !== undefined && !onLink)
      rendered.push({ to: formatNetwork(own), scope: "link", metric: defaultMetric, ...table });
    if (family.gateway !== null)
      rendered.push({
        to: "default",
        via: family.gateway,
        metric: defaultMetric,
        "on-link": onLink || family.onLink === true,
        ...table,
      });
  }
  const hosts = [ipv4, ipv6].flatMap((family) => {
    const own = family.method === "static" ? parsePrefix(family.address) : null;
    return own !== null && isHost(own) ? [own.family] : [];
  });
  return [...rendered, ...routes.map((route) => renderRoute(route, table, hosts))];
}

/** `hosts` are the families whose own prefix has no neighbours. */
function renderRoute(
  { to, via, onLink, metric }: StaticRoute,
  table: object,
  hosts: readonly (4 | 6)[],
): object {
  const isOnLink = onLink === true || hosts.includes(via.includes(":") ? 6 : 4);
  return {
    to,
    via,
    ...(isOnLink ? { "on-link": true } : {}),
    ...(metric === null ? {} : { metric }),
    ...table,
  };
}

const isHost = ({ family, length }: Prefix) => length === (family === 4 ? 32 : 128);

/**
 * The settings of an absent card apply when it is plugged in, if it has a permanent MAC address.
 */
function matchOf(settings: InterfaceSettings, card: string | null): object | null {
  if (card !== null) return { name: card };
  return settings.macAddress === null ? null : { macaddress: settings.macAddress };
}

function cardId(settings: InterfaceSettings, card: string | null): string {
  return `card-${card ?? (settings.macAddress ?? "").replaceAll(":", "")}`;
}
