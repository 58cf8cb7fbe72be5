import {
  type ApplianceCard,
  domain,
  farPlatformAddress6,
  type HostName,
  hostNames,
  hosts,
  type Segment,
  segments,
} from "./addresses.ts";
import {
  anyIpv6,
  type Families,
  familiesOf,
  type LabNetworks,
  routerFamilies,
} from "./networks.ts";

const prefix6 = 64;
const gateway6 = (segment: Segment) => `${segments[segment].prefix6}1`;

/** Shell text that makes the segments, the router and the hosts inside a lab's namespaces. */
export function networkScript(networks: LabNetworks): string {
  const lines = ["set -eu"];
  for (const segment of ["lan", "wan"] as const)
    lines.push(`ip link add ${segment} type bridge forward_delay 0`, `ip link set ${segment} up`);

  const attach = (
    namespace: string,
    device: string,
    segment: string,
    mac: string,
    addresses: readonly string[],
  ) => {
    const port = `${namespace}-${device}`.slice(-15);
    lines.push(
      `ip link add ${port} type veth peer name ${device} netns ${namespace} address ${mac}`,
      `ip link set ${port} master ${segment} up`,
      `ip -n ${namespace} link set ${device} up`,
    );
    for (const address of addresses)
      lines.push(
        `ip -n ${namespace} address add ${address} dev ${device}${address.includes(":") ? " nodad" : ""}`,
      );
  };
  const namespace = (name: string) =>
    lines.push(`ip netns add ${name}`, `ip -n ${name} link set lo up`);

  const withPrefix = (
    { ipv4, ipv6 }: Families,
    segment: Segment,
    address: string,
    address6: string,
  ) => [
    ...(ipv4 ? [`${address}/${segments[segment].prefix}`] : []),
    ...(ipv6 ? [`${address6}/${prefix6}`] : []),
  ];

  namespace("router");
  for (const [segment, mac] of [
    ["lan", "02:00:c0:00:02:01"],
    ["wan", "02:00:c6:33:64:01"],
  ] as const)
    attach(
      "router",
      segment,
      segment,
      mac,
      withPrefix(
        routerFamilies(networks, segment),
        segment,
        segments[segment].gateway,
        gateway6(segment),
      ),
    );
  if (networks.platformIpv6Is === "dropped")
    lines.push(`ip -n router route add blackhole ${farPlatformAddress6}/128`);
  for (const name of hostNames) {
    const { segment, address, address6, macAddress } = hosts[name];
    const { ipv4, ipv6 } = familiesOf(networks, name);
    namespace(name);
    // Router advertisements are for the appliance only: these machines have fixed addresses.
    if (ipv6)
      lines.push(`ip netns exec ${name} sh -c "echo 0 >/proc/sys/net/ipv6/conf/default/accept_ra"`);
    attach(
      name,
      "eth0",
      segment,
      macAddress,
      withPrefix({ ipv4, ipv6 }, segment, address, address6),
    );
    if (ipv4) lines.push(`ip -n ${name} route add default via ${segments[segment].gateway}`);
    if (ipv6) lines.push(`ip -n ${name} route add default via ${gateway6(segment)}`);
  }
  return lines.join("\n");
}

/**
 * A new network namespace for each start of the appliance: nothing of the last one's addresses
 * stays.
 */
export function applianceNetworkScript(name: string, cards: readonly ApplianceCard[]): string {
  return [
    "set -eu",
    `if ip netns pids ${name} >/dev/null 2>&1; then ip netns delete ${name}; fi`,
    `for port in $(ip -o link show type veth | grep -o ' ${name}-[a-z0-9]*'); do ip link delete $port 2>/dev/null || true; done`,
    `ip netns add ${name}`,
    ...cards.map((card) => plugScript(name, card)),
  ].join("\n");
}

/** The segment's end of an appliance's card: packets seen here have really left the appliance. */
export function portOf(card: string, appliance = "appliance"): string {
  return `${appliance}-${card}`;
}

/** Puts a card into the appliance, also while it runs. */
export function plugScript(
  appliance: string,
  { name, segment, macAddress }: ApplianceCard,
): string {
  const port = portOf(name, appliance);
  return `ip link add ${port} type veth peer name ${name} netns ${appliance} address ${macAddress} && ip link set ${port} master ${segment} up`;
}

/** LAN may begin connections to WAN, and whoever needs it to the NAT64; nothing else passes. */
export const routerRules = `
table inet router {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname lan oifname wan accept
    iifname { lan, wan } oifname nat64 accept
    iifname nat64 oifname wan accept
  }
}
`;

/** dnsmasq's port where unbound, which makes the addresses of NAT64, has DNS's own. */
export const innerDnsPort = 1053;

/**
 * DHCP and names on both segments; with IPv6 also router advertisements and DHCPv6. Without IPv4 the
 * DNS server that is advertised is the router's link-local address, as home and office routers do.
 */
export function dnsmasqConfiguration(networks: LabNetworks): string {
  const lines = [
    "keep-in-foreground",
    "no-resolv",
    "no-hosts",
    "no-daemon",
    "user=root",
    "log-dhcp",
    "dhcp-authoritative",
    "dhcp-leasefile=/run/lab/leases",
    "bind-interfaces",
    "interface=lan",
    "interface=wan",
    `domain=${domain}`,
    // Answers NXDOMAIN for every other name. Without this, dnsmasq has no server to forward to and
    // answers REFUSED.
    "local=/#/",
    ...(networks.nat64 === true ? [`port=${innerDnsPort}`] : []),
    ...(anyIpv6(networks) ? ["enable-ra"] : []),
  ];
  for (const segment of ["lan", "wan"] as const) {
    const { gateway, leases, prefix6: prefix } = segments[segment];
    const { ipv4, ipv6 } = networks[segment];
    if (ipv4) {
      lines.push(`dhcp-range=set:${segment},${leases[0]},${leases[1]},255.255.255.0,1h`);
      for (const option of ["router", "dns-server", "ntp-server"])
        lines.push(`dhcp-option=tag:${segment},option:${option},${gateway}`);
    }
    if (ipv6)
      lines.push(
        `dhcp-range=set:${segment}6,${prefix}100,${prefix}1ff,slaac,${prefix6},1h`,
        `dhcp-option=tag:${segment}6,option6:dns-server,[${ipv4 ? gateway6(segment) : "fe80::"}]`,
      );
  }
  for (const name of hostNames)
    lines.push(
      `host-record=${[...hosts[name].names.map((each) => `${each}.${domain}`), ...addressesOf(networks, name)].join(",")}`,
    );
  return `${lines.join("\n")}\n`;
}

/** The addresses of a host in DNS. */
function addressesOf(networks: LabNetworks, name: HostName): string[] {
  const { ipv4, ipv6 } = familiesOf(networks, name);
  const { address, address6 } = hosts[name];
  const isFar = name === "platform" && networks.platformIpv6Is !== undefined;
  return [...(ipv4 ? [address] : []), ...(ipv6 ? [isFar ? farPlatformAddress6 : address6] : [])];
}
