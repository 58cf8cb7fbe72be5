import { parse } from "yaml";
import { OutriderError } from "../base/messages/error.ts";
import { fact } from "../base/messages/facts.ts";
import type { LiveInterface, NetworkFiles } from "../configd/machine/system.ts";
import type { DescribedInterface, DescribedMachine } from "./described-machine.ts";

/** The part of a netplan stanza that the described networkd reads. */
interface Stanza {
  /** The device's name where it is a VLAN on the card that the match means. */
  vlan: string | null;
  matchName: string | null;
  matchMac: string | null;
  dhcp4: boolean;
  useDns: boolean;
  useNtp: boolean;
  addresses: string[];
  gateway: string | null;
  dns: string[];
}

/**
 * Stands in for netplan's generator: one file an interface, in JSON, since only the described
 * networkd reads it.
 */
export function generateDescribed(netplan: string): NetworkFiles {
  const document: unknown = parse(netplan);
  const ethernets = member(member(document, "network"), "ethernets");
  if (!isRecord(ethernets))
    throw new OutriderError("trial-failed", { detail: fact("netplan-no-ethernets") });
  const vlans = member(member(document, "network"), "vlans");
  const stanzas = [
    ...Object.entries(ethernets).map(([name, stanza]) => ({ name, read: readStanza(stanza) })),
    ...Object.entries(isRecord(vlans) ? vlans : {}).map(([name, stanza]) => {
      const card = ethernets[text(member(stanza, "link")) ?? ""];
      return { name, read: { ...readStanza(stanza, card), vlan: name } };
    }),
  ];
  return new Map(
    stanzas.map(({ name, read }) => [
      `10-netplan-${name}.network`,
      `${JSON.stringify(read, null, 2)}\n`,
    ]),
  );
}

/** `card` is the stanza that says which card is meant: another one for a VLAN. */
function readStanza(stanza: unknown, card: unknown = stanza): Stanza {
  const match = member(card, "match");
  const routes = member(stanza, "routes");
  const [first] = Array.isArray(routes) ? routes : [];
  return {
    vlan: null,
    matchName: text(member(match, "name")),
    matchMac: text(member(match, "macaddress")),
    dhcp4: member(stanza, "dhcp4") === true,
    useDns: member(member(stanza, "dhcp4-overrides"), "use-dns") !== false,
    useNtp: member(member(stanza, "dhcp4-overrides"), "use-ntp") !== false,
    addresses: texts(member(stanza, "addresses")),
    gateway: text(member(first, "via")),
    dns: texts(member(member(stanza, "nameservers"), "addresses")),
  };
}

/**
 * The interfaces as networkd would have them with these files. `configuredSinceMs` returns how long
 * ago an interface got its file; its lease arrives some time after that.
 */
export function describedInterfaces(
  machine: DescribedMachine,
  files: NetworkFiles,
  configuredSinceMs: (interfaceName: string) => number,
): LiveInterface[] {
  const stanzas = [...files.values()].map((file) => readFile(file));
  const means = ({ matchName, matchMac }: Stanza, nic: DescribedInterface) =>
    matchName === nic.name || matchMac === nic.macAddress;
  const cards = machine.interfaces.map((nic): LiveInterface => {
    const stanza = stanzas.find((each) => each.vlan === null && means(each, nic));
    const hardware = {
      pciAddress: `0000:00:0${machine.interfaces.indexOf(nic) + 3}.0`,
      driver: "virtio_net",
      speedMbps: nic.linkUp ? 10_000 : null,
    };
    return {
      name: nic.name,
      macAddress: nic.macAddress,
      linkUp: nic.linkUp,
      ...hardware,
      ...configured(nic, stanza, configuredSinceMs(nic.name)),
    };
  });
  // The described networks answer in each VLAN as without one.
  const vlans = stanzas.flatMap((stanza): LiveInterface[] => {
    const nic = machine.interfaces.find((each) => means(stanza, each));
    if (stanza.vlan === null || nic === undefined) return [];
    const { macAddress, linkUp } = nic;
    const hardware = { pciAddress: null, driver: null, speedMbps: null };
    const now = configured(nic, stanza, configuredSinceMs(nic.name));
    return [{ name: stanza.vlan, macAddress, linkUp, ...hardware, ...now }];
  });
  return [...cards, ...vlans];
}

type Configured = Pick<
  LiveInterface,
  "state" | "addresses" | "origins" | "gateways" | "gateway" | "dns" | "timeServers" | "dhcp"
>;

function configured(
  nic: DescribedInterface,
  stanza: Stanza | undefined,
  sinceMs: number,
): Configured {
  const nothing: Configured = {
    state: "configuring",
    addresses: [],
    origins: [],
    gateways: [],
    gateway: null,
    dns: [],
    timeServers: [],
    dhcp: false,
  };
  if (stanza === undefined) return { ...nothing, state: "unmanaged" };
  if (!nic.linkUp) return { ...nothing, state: "no-carrier" };
  if (!stanza.dhcp4)
    return {
      ...nothing,
      state: "configured",
      addresses: stanza.addresses,
      origins: stanza.addresses.map(() => "static"),
      ...leadingTo(stanza.gateway),
      dns: stanza.dns,
    };
  const { lease } = nic;
  if (lease === null || sinceMs < lease.delayMs) return nothing;
  const dns = stanza.useDns ? [...stanza.dns, ...lease.dns] : stanza.dns;
  const timeServers = stanza.useNtp ? (lease.timeServers ?? []) : [];
  return {
    state: "configured",
    addresses: [lease.address],
    origins: ["dhcp"],
    ...leadingTo(lease.gateway),
    dns,
    timeServers,
    dhcp: true,
  };
}

function leadingTo(gateway: string | null): Pick<Configured, "gateways" | "gateway"> {
  return { gateways: gateway === null ? [] : [gateway], gateway };
}

/** Reads a file that `generateDescribed` wrote. */
function readFile(file: string): Stanza {
  const value: unknown = JSON.parse(file);
  return {
    vlan: text(member(value, "vlan")),
    matchName: text(member(value, "matchName")),
    matchMac: text(member(value, "matchMac")),
    dhcp4: member(value, "dhcp4") === true,
    useDns: member(value, "useDns") !== false,
    useNtp: member(value, "useNtp") !== false,
    addresses: texts(member(value, "addresses")),
    gateway: text(member(value, "gateway")),
    dns: texts(member(value, "dns")),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
