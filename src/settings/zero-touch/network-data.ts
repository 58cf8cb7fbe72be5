import { fact } from "../../base/messages/facts.ts";
import {
  emptyInterface,
  type GivenInterface,
  networkValues,
  records,
  scalar,
  withMask,
  words,
} from "./given-network.ts";
import { nothing, type Reading, unreadable } from "./named-values.ts";
import { unreadNotes } from "./network-config.ts";
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
  const unread: string[] = [];
  for (const [index, link] of records(links, () => unread.push("links"))) {
    const at = yaml.lineOf(["links", String(index)]);
    interfaces.set(scalar(link.id), interfaceOf(link, at));
  }
  const servers = serversIn(services, unread);
  for (const [, network] of records(networks, () => unread.push("networks"))) {
    const own = interfaces.get(scalar(network.link));
    if (own !== undefined) addNetwork(own, network);
    // It is a network of a link that is not described.
    else unread.push(scalar(network.id) || "networks");
  }
  for (const own of interfaces.values()) own.dns.push(...servers);
  const { values, notes } = networkValues([...interfaces.values()]);
  return { values: [], problems: [], network: values, notes: [...unreadNotes(unread), ...notes] };
}

function serversIn(services: unknown, unread: string[]): string[] {
  return records(services, () => unread.push("services")).flatMap(([, service]) =>
    scalar(service.type) === "dns" ? words(service.address) : [],
  );
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
  else own.unread.push(scalar(network.id) || type);
  const via = scalar(network.gateway);
  if (via !== "") own.routes.push({ to: "default", via, metric: "", onLink: false });
  for (const [, route] of records(network.routes, () => own.unread.push("routes")))
    own.routes.push({
      to: withMask(scalar(route.network), scalar(route.netmask)),
      via: scalar(route.gateway),
      metric: scalar(route.metric),
      onLink: false,
    });
  own.dns.push(...words(network.dns_nameservers));
  own.dns.push(...serversIn(network.services, own.unread));
}
