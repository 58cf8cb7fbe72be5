import { stringify } from "yaml";
import type { InterfaceSettings, Settings } from "../settings/schema.ts";

/** Which interface has which role now, by the kernel's name; null when the one that the settings name is not there. */
export interface RoleDevices {
  lan: string | null;
  /** Interfaces without a role: brought up without addresses, so that their link is seen. */
  spare: readonly string[];
}

/** The interface of a machine as far as roles need it. */
export interface CandidateInterface {
  name: string;
  macAddress: string;
}

/** The interface with the MAC address of the settings, or the first one when they name none. */
export function assignRoles(settings: Settings, interfaces: readonly CandidateInterface[]): RoleDevices {
  const { macAddress } = settings.network.lan;
  const found = macAddress === null ? interfaces[0] : interfaces.find((candidate) => candidate.macAddress === macAddress);
  return { lan: found?.name ?? null, spare: interfaces.map(({ name }) => name).filter((name) => name !== found?.name) };
}

/** Metric of the LAN's default route. */
const lanMetric = 100;
const ethernetMtu = 1500;

/**
 * netplan's YAML for the settings. Every field is written out, so that going back to older settings sets a value instead of
 * hoping that an absent one resets it. Links are matched by the kernel's present name: netplan turns a MAC address into
 * `PermanentMACAddress=`, which never matches interfaces that have none (veth pairs, some paravirtual cards).
 */
export function renderNetplan(settings: Settings, devices: RoleDevices): string {
  const lan = renderInterface(settings.network.lan, devices.lan);
  const spare = devices.spare.map((name) => [`spare-${name}`, unaddressed(name)]);
  const document = { network: { version: 2, renderer: "networkd", ethernets: { ...(lan === null ? {} : { lan }), ...Object.fromEntries(spare) } } };
  return stringify(document, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 });
}

function renderInterface(settings: InterfaceSettings, device: string | null): object | null {
  const match = device === null ? matchMissing(settings) : { name: device };
  if (match === null) return null;
  const { ipv4, dns } = settings;
  const common = {
    match,
    // Nothing at boot waits for this link: the agent finds out by itself.
    optional: true,
    dhcp6: false,
    "accept-ra": false,
    "link-local": [],
    nameservers: { addresses: dns.servers, search: dns.search },
  };
  if (ipv4.method === "dhcp") {
    return {
      ...common,
      dhcp4: true,
      // Reservations of most DHCP servers are made by MAC address.
      "dhcp-identifier": "mac",
      "dhcp4-overrides": {
        "use-dns": dns.servers.length === 0,
        "use-domains": dns.search.length === 0,
        "use-hostname": false,
        "use-ntp": true,
        "use-mtu": true,
        "use-routes": true,
        "send-hostname": true,
        "route-metric": lanMetric,
      },
    };
  }
  if (ipv4.method === "off") return { ...common, dhcp4: false };
  const onLink = ipv4.address.endsWith("/32");
  return {
    ...common,
    dhcp4: false,
    // With DHCP this is left out, or networkd would ignore the MTU that a server announces (systemd.network(5), UseMTU=).
    mtu: ethernetMtu,
    addresses: [ipv4.address],
    routes: ipv4.gateway === null ? [] : [{ to: "default", via: ipv4.gateway, metric: lanMetric, "on-link": onLink }],
  };
}

function unaddressed(name: string): object {
  return { match: { name }, optional: true, dhcp4: false, dhcp6: false, "accept-ra": false, "link-local": [] };
}

/** An interface that is not there gets its settings when it is plugged in, if it has a permanent address. */
function matchMissing(settings: InterfaceSettings): object | null {
  return settings.macAddress === null ? null : { macaddress: settings.macAddress };
}
