import { applianceMacAddresses, domain, hostNames, hosts, segments } from "./addresses.ts";

/** Shell text that makes the segments, the router and the hosts inside a lab's namespaces. */
export function networkScript(): string {
  const lines = ["set -eu"];
  for (const segment of ["lan", "wan"] as const) lines.push(`ip link add ${segment} type bridge forward_delay 0`, `ip link set ${segment} up`);

  const attach = (namespace: string, device: string, segment: string, mac: string, address?: string) => {
    const port = `${namespace}-${device}`.slice(-15);
    lines.push(
      `ip link add ${port} type veth peer name ${device} netns ${namespace} address ${mac}`,
      `ip link set ${port} master ${segment} up`,
      `ip -n ${namespace} link set ${device} up`,
    );
    if (address !== undefined) lines.push(`ip -n ${namespace} address add ${address} dev ${device}`);
  };
  const namespace = (name: string) => lines.push(`ip netns add ${name}`, `ip -n ${name} link set lo up`);

  namespace("router");
  attach("router", "lan", "lan", "02:00:c0:00:02:01", `${segments.lan.gateway}/${segments.lan.prefix}`);
  attach("router", "wan", "wan", "02:00:c6:33:64:01", `${segments.wan.gateway}/${segments.wan.prefix}`);
  for (const name of hostNames) {
    const { segment, address, macAddress } = hosts[name];
    namespace(name);
    attach(name, "eth0", segment, macAddress, `${address}/${segments[segment].prefix}`);
    lines.push(`ip -n ${name} route add default via ${segments[segment].gateway}`);
  }
  return lines.join("\n");
}

/** A new network namespace for each start of the appliance: nothing of the last one's addresses stays. */
export function applianceNetworkScript(): string {
  return [
    "set -eu",
    "if ip netns pids appliance >/dev/null 2>&1; then ip netns delete appliance; fi",
    "for port in appliance-eth0 appliance-eth1; do ip link delete $port 2>/dev/null || true; done",
    "ip netns add appliance",
    `ip link add appliance-eth0 type veth peer name eth0 netns appliance address ${applianceMacAddresses.eth0}`,
    `ip link add appliance-eth1 type veth peer name eth1 netns appliance address ${applianceMacAddresses.eth1}`,
    "ip link set appliance-eth0 master lan up",
    "ip link set appliance-eth1 master wan up",
  ].join("\n");
}

/** LAN may begin connections to WAN; nothing else passes. */
export const routerRules = `
table inet router {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname lan oifname wan accept
  }
}
`;

/** DHCP and names on both segments. */
export function dnsmasqConfiguration(): string {
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
    // Every other name does not exist: without this dnsmasq, which has nobody to ask, would refuse the question.
    "local=/#/",
  ];
  for (const segment of ["lan", "wan"] as const) {
    const { gateway, leases } = segments[segment];
    lines.push(`dhcp-range=set:${segment},${leases[0]},${leases[1]},255.255.255.0,1h`);
    lines.push(`dhcp-option=tag:${segment},option:router,${gateway}`, `dhcp-option=tag:${segment},option:dns-server,${gateway}`);
  }
  for (const name of hostNames) lines.push(`host-record=${hosts[name].names.map((each) => `${each}.${domain}`).join(",")},${hosts[name].address}`);
  return `${lines.join("\n")}\n`;
}
