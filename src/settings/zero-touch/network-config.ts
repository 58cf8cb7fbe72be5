import { type Fact, fact } from "../../base/messages/facts.ts";
import {
  emptyInterface,
  type GivenInterface,
  type GivenRoute,
  networkValues,
  records,
  scalar,
  withMask,
  words,
} from "./given-network.ts";
import { nothing, type Reading, shownName, unreadable } from "./named-values.ts";
import { isMarked, isRecord, readYaml } from "./yaml-value.ts";

type LineOf = (path: readonly string[]) => string;
type Fields = Record<string, unknown>;

/**
 * Reads cloud-init's network configuration, versions 1 and 2 (docs.cloud-init.io, "Networking config
 * Version 1/2"), as NoCloud has it in `network-config`. Version 2 is netplan's form.
 */
export function readNetworkConfig(text: string): Reading {
  const yaml = readYaml(text);
  if (!yaml.ok)
    return unreadable(
      yaml.said === null
        ? fact("network-config-deep")
        : fact("network-config-malformed", { said: yaml.said }),
      yaml.at,
    );
  if (yaml.value === null) return nothing;
  return networkOf(yaml.texts, (path) => yaml.lineOf(path));
}

/** The same, of a part of a document; `texts` are those of `readYaml`. */
export function networkOf(texts: unknown, lineOf: LineOf): Reading {
  if (isMarked(texts))
    return unreadable(fact("given-marked"), lineOf([]), fact("given-marked-form"));
  if (!isRecord(texts)) return unreadable(fact("network-config-nameless"), lineOf([]));
  if (isRecord(texts.network))
    return networkOf(texts.network, (path) => lineOf(["network", ...path]));
  // cloud-init's own word for "leave the network alone".
  if (texts.config === "disabled") return nothing;
  const version = scalar(texts.version);
  if (version !== "1" && version !== "2")
    return unreadable(
      fact("network-config-version", { version: shownName(version) }),
      lineOf(["version"]),
    );
  const unread: string[] = [];
  const read = version === "1" ? versionOne : versionTwo;
  const { values, notes } = networkValues(read(texts, lineOf, unread));
  return { values: [], problems: [], network: values, notes: [...unreadNotes(unread), ...notes] };
}

/** Of the parts of the whole that have a shape which is not read. */
export function unreadNotes(parts: readonly string[]): Fact[] {
  return [...new Set(parts)].map((part) =>
    fact("note-network-part", { part: shownName(part), name: "network" }),
  );
}

function versionOne(texts: Fields, lineOf: LineOf, unread: string[]): GivenInterface[] {
  const interfaces: GivenInterface[] = [];
  const common = { dns: [] as string[], search: [] as string[], routes: [] as GivenRoute[] };
  for (const [index, entry] of records(texts.config, () => unread.push("config"))) {
    const type = scalar(entry.type);
    if (type === "nameserver") {
      common.dns.push(...words(entry.address));
      common.search.push(...words(entry.search));
    } else if (type === "route") common.routes.push(routeOne(entry));
    else if (type !== "loopback")
      interfaces.push(interfaceOne(entry, type, lineOf(["config", String(index)])));
  }
  return interfaces.map((each) => ({
    ...each,
    dns: [...each.dns, ...common.dns],
    search: [...each.search, ...common.search],
    routes: [...each.routes, ...common.routes],
  }));
}

function interfaceOne(entry: Fields, type: string, at: string): GivenInterface {
  const made = emptyInterface(scalar(entry.name), type, at);
  made.mac = scalar(entry.mac_address);
  made.mtu = scalar(entry.mtu);
  if (type === "vlan") made.vlan = { id: scalar(entry.vlan_id), link: scalar(entry.vlan_link) };
  for (const [, subnet] of records(entry.subnets, () => made.unread.push("subnets"))) {
    const kind = scalar(subnet.type);
    if (/^dhcp4?$/.test(kind)) made.dhcp4 = true;
    else if (/^(?:dhcp6|ipv6_.*)$/.test(kind)) made.automatic6 = true;
    else if (/^static6?$/.test(kind)) {
      made.addresses.push(withMask(scalar(subnet.address), scalar(subnet.netmask)));
      const via = scalar(subnet.gateway);
      if (via !== "") made.routes.push({ to: "default", via, metric: "", onLink: false });
    } else if (kind !== "manual") made.unread.push(kind);
    made.dns.push(...words(subnet.dns_nameservers));
    made.search.push(...words(subnet.dns_search));
    for (const [, route] of records(subnet.routes, () => made.unread.push("routes")))
      made.routes.push(routeOne(route));
  }
  return made;
}

function routeOne(route: Fields): GivenRoute {
  const to = scalar(route.destination) || scalar(route.network);
  return {
    to: withMask(to, scalar(route.netmask) || scalar(route.prefix)),
    via: scalar(route.gateway),
    metric: scalar(route.metric),
    onLink: false,
  };
}

/** Keys of netplan that say nothing which is not the same here anyway. */
const withoutValue = new Set(["match", "set-name", "optional", "critical", "renderer"]);
const readKeys = new Set([
  ...["dhcp4", "dhcp6", "accept-ra", "addresses", "gateway4", "gateway6", "nameservers", "mtu"],
  ...["routes", "id", "link", ...withoutValue],
]);

function versionTwo(texts: Fields, lineOf: LineOf, unread: string[]): GivenInterface[] {
  const kinds = { ethernets: "physical", vlans: "vlan" } as const;
  return Object.entries(texts).flatMap(([section, named]) => {
    if (!isRecord(named)) {
      if (Array.isArray(named) || section in kinds) unread.push(section);
      return [];
    }
    const kind = section === "ethernets" || section === "vlans" ? kinds[section] : section;
    return Object.entries(named).flatMap(([name, entry]) =>
      isRecord(entry) ? [interfaceTwo(name, kind, entry, lineOf([section, name]))] : [],
    );
  });
}

function interfaceTwo(name: string, kind: string, entry: Fields, at: string): GivenInterface {
  const made = emptyInterface(name, kind.replace(/s$/, ""), at);
  const match = isRecord(entry.match) ? entry.match : {};
  made.mac = scalar(match.macaddress);
  made.mtu = scalar(entry.mtu);
  if (kind === "vlan") made.vlan = { id: scalar(entry.id), link: scalar(entry.link) };
  made.dhcp4 = isTrue(entry.dhcp4);
  made.automatic6 = isTrue(entry.dhcp6) || isTrue(entry["accept-ra"]);
  // netplan takes options of an address as a mapping of one key.
  for (const address of Array.isArray(entry.addresses) ? entry.addresses : [entry.addresses])
    made.addresses.push(...(isRecord(address) ? Object.keys(address) : words(address)));
  for (const key of ["gateway4", "gateway6"]) {
    const via = scalar(entry[key]);
    if (via !== "") made.routes.push({ to: "default", via, metric: "", onLink: false });
  }
  made.unread = Object.keys(entry).filter((key) => !readKeys.has(key));
  const servers = isRecord(entry.nameservers) ? entry.nameservers : {};
  const isRead = isRecord(entry.nameservers) || isEmpty(entry.nameservers);
  if (!isRead || Object.keys(servers).some((key) => key !== "addresses" && key !== "search"))
    made.unread.push("nameservers");
  made.dns = words(servers.addresses);
  made.search = words(servers.search);
  for (const [, route] of records(entry.routes, () => made.unread.push("routes")))
    made.routes.push({
      to: scalar(route.to),
      via: scalar(route.via),
      metric: scalar(route.metric),
      onLink: isTrue(route["on-link"]),
    });
  return made;
}

const isEmpty = (value: unknown) => value === undefined || value === "";

/** YAML 1.1, which netplan and cloud-init read, has more words for it than YAML 1.2. */
const isTrue = (value: unknown) => /^(?:true|yes|on)$/i.test(scalar(value));
