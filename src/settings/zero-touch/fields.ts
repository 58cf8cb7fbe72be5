/**
 * What can be given from outside, by our own names: those of the OVF properties, of `KEY=value`
 * lines, of credentials. `paths` are the places in the settings that a problem of this value can be
 * reported at. `also` are names that other appliances have for it.
 */
interface FieldDeclaration {
  paths: readonly string[];
  also?: readonly string[];
  /** Kept apart from the settings, and never shown. */
  secret?: true;
}

const declarations = {
  platform_url: { paths: ["platform.url"] },
  activation_code: { paths: [], also: ["Personalization_Code", "PERSCODE"], secret: true },
  hostname: { paths: ["hostname"] },
  lan_address: { paths: ["network.lan.ipv4.address", "network.lan.ipv4"], also: ["LAN_IP"] },
  lan_netmask: { paths: ["network.lan.ipv4.address"], also: ["LAN_Netmask"] },
  lan_gateway: { paths: ["network.lan.ipv4.gateway"], also: ["LAN_Gateway"] },
  lan_dns: { paths: ["network.lan.dns.servers"], also: ["LAN_DNS_Servers"] },
  lan_search: { paths: ["network.lan.dns.search"] },
  lan_vlan: { paths: ["network.lan.vlan"], also: ["LAN_Default_VLAN"] },
  lan_mtu: { paths: ["network.lan.mtu"] },
  lan_routes: { paths: ["network.lan.routes"] },
  lan_ipv6: { paths: ["network.lan.ipv6.address", "network.lan.ipv6"] },
  lan_ipv6_gateway: { paths: ["network.lan.ipv6.gateway"] },
  lan_mac: { paths: ["network.lan.macAddress"] },
  wan_enabled: { paths: ["network.mode"], also: ["Enable_WAN_Interface"] },
  wan_address: { paths: ["network.wan.ipv4.address", "network.wan.ipv4"], also: ["WAN_IP"] },
  wan_netmask: { paths: ["network.wan.ipv4.address"], also: ["WAN_Netmask"] },
  wan_gateway: { paths: ["network.wan.ipv4.gateway"], also: ["WAN_Gateway"] },
  wan_dns: { paths: ["network.wan.dns.servers"], also: ["WAN_DNS_Servers"] },
  wan_search: { paths: ["network.wan.dns.search"] },
  wan_vlan: { paths: ["network.wan.vlan"] },
  wan_mtu: { paths: ["network.wan.mtu"] },
  wan_routes: { paths: ["network.wan.routes"] },
  wan_ipv6: { paths: ["network.wan.ipv6.address", "network.wan.ipv6"] },
  wan_ipv6_gateway: { paths: ["network.wan.ipv6.gateway"] },
  wan_mac: { paths: ["network.wan.macAddress"] },
  proxy_url: {
    paths: ["proxy.host", "proxy.port", "proxy.url", "proxy.kind", "proxy.tls"],
    also: ["HTTP_Proxy"],
  },
  proxy_user: { paths: ["proxy.user"] },
  proxy_password: { paths: [], secret: true },
  proxy_authentication: { paths: ["proxy.authentication"] },
  proxy_bypass: { paths: ["proxy.bypass"] },
  ntp_servers: { paths: ["time.servers"] },
  trusted_certificates: { paths: ["trust.certificates"] },
  scan_exclusions: { paths: ["scan.exclusions"] },
  scan_time_zone: { paths: ["scan.timeZone"] },
  keyboard: { paths: ["console.keyboard"] },
} as const satisfies Record<string, FieldDeclaration>;

export type FieldName = keyof typeof declarations;
export const zeroTouchFields: Readonly<Record<FieldName, FieldDeclaration>> = declarations;

/** Names of other appliances that mean nothing here, and what is said of them. */
const withoutMeaning: Readonly<Record<string, "note-ipv6-only" | "note-wins">> = {
  ipv6_only: "note-ipv6-only",
  wins_1: "note-wins",
  wins_2: "note-wins",
  wins_domain: "note-wins",
};

export type NameMeaning =
  | { field: FieldName }
  | { special: "user-data" | "prefer-user-data" }
  | { unused: "note-ipv6-only" | "note-wins" }
  | null;

const byName = new Map<string, NameMeaning>(
  Object.entries(zeroTouchFields).flatMap(([name, { also = [] }]) =>
    [name, ...also].map((known): [string, NameMeaning] => [
      known.toLowerCase(),
      isFieldName(name) ? { field: name } : null,
    ]),
  ),
);

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(zeroTouchFields, name);
}

/**
 * What a name means, however it is written; a class in front, as vSphere puts it there, is left
 * away.
 */
export function meaningOf(written: string): NameMeaning {
  const name = written.trim().toLowerCase();
  const bare = name.replace(/^(?:guestinfo\.)?outrider\./, "").replaceAll("-", "_");
  if (bare === "user_data") return { special: "user-data" };
  if (bare === "prefer_userdata") return { special: "prefer-user-data" };
  const unused = Object.hasOwn(withoutMeaning, bare) ? withoutMeaning[bare] : undefined;
  if (unused !== undefined) return { unused };
  return byName.get(bare) ?? null;
}
