import { fact } from "../../base/messages/facts.ts";
import {
  emptyInterface,
  type GivenInterface,
  networkValues,
  scalar,
  withMask,
  words,
} from "./given-network.ts";
import { nothing, type Reading, unreadable } from "./named-values.ts";
import { isRecord, readYaml } from "./yaml-value.ts";

/** Links of virtual machines: how the other end of the wire is made does not matter in here. */
const wires = /^(?:phy|vif|ovs|bridge|tap|hw_veb|hyperv|dvs|vhostuser|hostdev_physical|macvtap)$/;

/**
 * Reads OpenStack's network_data.json of a ConfigDrive (nova's network_data.json schema): `links`,
 * `networks` on them, and `services` of type dns.
 */
export function readNetworkData(text: string): Reading {
  const yaml = readYaml(text);
  if (!yaml.ok)
    return unreadable(
      yaml.said === null
        ? fact("network-config-deep")
        : fact("network-config-malformed", { said: yaml.said }),
      yaml.at,
    );
  if (yaml.value === null) return nothing;
  if (!isRecord(yaml.texts)) return unreadable(fact("network-config-nameless"), "line 1");
  const { links, networks, services } = yaml.texts;
  const interfaces = new Map<string, GivenInterface>();
  for (const [index, link] of records(links)) {
    const at = yaml.lineOf(["links", String(index)]);
    interfaces.set(scalar(link.id), interfaceOf(link, at));
  }
  const servers = records(services).flatMap(([, service]) =>
    scalar(service.type) === "dns" ? words(service.address) : [],
  );
  for (const [, network] of records(networks)) {
    const own = interfaces.get(scalar(network.link));
    if (own !== undefined) addNetwork(own, network);
  }
  for (const own of interfaces.values()) own.dns.push(...servers);
  const { values, notes } = networkValues([...interfaces.values()]);
  return { values: [], problems: [], network: values, notes };
}

function interfaceOf(link: Record<string, unknown>, at: string): GivenInterface {
  const type = scalar(link.type);
  const kind = type === "" || wires.test(type) ? "physical" : type;
  const made = emptyInterface(scalar(link.id), kind, at);
  made.mac = scalar(link.ethernet_mac_address);
  made.mtu = scalar(link.mtu);
  if (kind === "vlan") made.vlan = { id: scalar(link.vlan_id), link: scalar(link.vlan_link) };
  return made;
}

function addNetwork(own: GivenInterface, network: Record<string, unknown>): void {
  const type = scalar(network.type);
  const address = scalar(network.ip_address);
  if (type === "ipv4_dhcp") own.dhcp4 = true;
  else if (/^ipv6_/.test(type)) own.automatic6 = true;
  else if (address !== "") own.addresses.push(withMask(address, scalar(network.netmask)));
  const via = scalar(network.gateway);
  if (via !== "") own.routes.push({ to: "default", via, metric: "", onLink: false });
  for (const [, route] of records(network.routes))
    own.routes.push({
      to: withMask(scalar(route.network), scalar(route.netmask)),
      via: scalar(route.gateway),
      metric: scalar(route.metric),
      onLink: false,
    });
  own.dns.push(...words(network.dns_nameservers));
  for (const [, service] of records(network.services))
    if (scalar(service.type) === "dns") own.dns.push(...words(service.address));
}

function records(list: unknown): [index: number, record: Record<string, unknown>][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry, index): [number, Record<string, unknown>][] =>
    isRecord(entry) ? [[index, entry]] : [],
  );
}
