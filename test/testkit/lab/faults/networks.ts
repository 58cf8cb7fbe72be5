import { segments } from "../../../../image/lab/addresses.ts";
import {
  defaultInterface,
  type InterfaceSettings,
  type Network,
} from "../../../../src/settings/model/schema.ts";

const { lan, wan } = segments;
const own = (settings: Partial<InterfaceSettings>): InterfaceSettings => ({
  ...defaultInterface,
  ...settings,
});
const single = (settings: Partial<InterfaceSettings>): Network => ({
  mode: "single",
  lan: own(settings),
});
const split = (ofLan: Partial<InterfaceSettings>, ofWan: Partial<InterfaceSettings>): Network => ({
  mode: "split",
  lan: own(ofLan),
  wan: own(ofWan),
});
const dns = (...servers: string[]) => ({ servers, search: [] });
const ipv4 = (address: string, gateway: string | null): Pick<InterfaceSettings, "ipv4"> => ({
  ipv4: { method: "static", address, gateway },
});
const ipv6 = (address: string, gateway: string | null) =>
  ({ ipv4: { method: "off" }, ipv6: { method: "static", address, gateway } }) as const;
const automatic6 = { ipv4: { method: "off" }, ipv6: { method: "automatic" } } as const;
const dual = { ipv6: { method: "automatic" } } as const;
/** A neighbour's address that no machine has. */
export const nobody4 = "192.0.2.250";
export const nobody6 = `${lan.prefix6}dead`;
const gateway6 = `${lan.prefix6}1`;
const static4 = { ...ipv4("192.0.2.50/24", lan.gateway), dns: dns(lan.gateway) };

/**
 * The appliance's own settings. The lab has IPv4 by DHCP and IPv6 by router advertisements on both
 * sides, and further networks on the same cable (`moreNetworks`).
 */
export const networks = {
  IPv4: single({}),
  "IPv6-only": single(automatic6),
  dual: single(dual),
  "IPv4 static": single(static4),
  "IPv6-only static": single({ ...ipv6(`${lan.prefix6}50/64`, gateway6), dns: dns(gateway6) }),
  "IPv6-only /128": single({ ...ipv6(`${lan.prefix6}51/128`, gateway6), dns: dns(gateway6) }),
  "dual static": single({
    ...static4,
    ipv6: { method: "static", address: `${lan.prefix6}50/64`, gateway: gateway6 },
    dns: dns(lan.gateway, gateway6),
  }),
  "IPv4 /31": single({ ...ipv4("203.0.113.3/31", "203.0.113.2"), dns: dns(wan.gateway) }),
  "IPv4 /32, gateway on the link": single({
    ...ipv4("203.0.113.70/32", "203.0.113.65"),
    dns: dns(wan.gateway),
  }),
  "IPv4 /28, gateway outside of it": single({
    ipv4: {
      method: "static",
      address: "203.0.113.100/28",
      gateway: "203.0.113.1",
      onLink: true,
    },
    dns: dns(wan.gateway),
  }),
  "MTU 576": single({ ...static4, mtu: 576 }),
  "MTU 1280, dual": single({ ...dual, mtu: 1280 }),
  "MTU 1400": single({ mtu: 1400 }),
  "MTU 9000": single({ ...static4, mtu: 9000 }),
  "own DNS servers beside the lease's": single({ dns: dns(wan.gateway, lan.gateway) }),
  split: split({}, {}),
  "split, static, dual": split(
    { ...static4, ipv6: { method: "static", address: `${lan.prefix6}50/64`, gateway: null } },
    {
      ...ipv4("198.51.100.50/24", wan.gateway),
      ipv6: {
        method: "static",
        address: `${wan.prefix6}50/64`,
        gateway: `${wan.prefix6}1`,
      },
      dns: dns(wan.gateway),
    },
  ),
  "split, IPv6-only": split(automatic6, automatic6),
  "split, LAN IPv4, WAN IPv6-only": split({}, automatic6),
  "split, LAN IPv6-only, WAN IPv4": split(automatic6, {}),
  // Wrong ones
  "static, gateway that nobody has": single({
    ...ipv4("192.0.2.50/24", nobody4),
    dns: dns(wan.gateway),
  }),
  "static, network of another place": single({
    ...ipv4("10.20.30.40/24", "10.20.30.1"),
    dns: dns("10.20.30.1"),
  }),
  "static, DNS server that nobody has": single({
    ...ipv4("192.0.2.50/24", lan.gateway),
    dns: dns(nobody4),
  }),
  "static, DNS server beyond that nobody has": single({
    ...ipv4("192.0.2.50/24", lan.gateway),
    dns: dns("198.51.100.240"),
  }),
  "static, first DNS server that nobody has": single({
    ...ipv4("192.0.2.50/24", lan.gateway),
    dns: dns(nobody4, lan.gateway),
  }),
  "IPv6-only static, gateway that nobody has": single({
    ...ipv6(`${lan.prefix6}50/64`, nobody6),
    dns: dns(`${wan.prefix6}1`),
  }),
  "IPv6-only static, DNS server that nobody has": single({
    ...ipv6(`${lan.prefix6}50/64`, gateway6),
    dns: dns(nobody6),
  }),
  "split, WAN gateway that nobody has": split(
    {},
    {
      ...ipv4("198.51.100.50/24", "198.51.100.250"),
      dns: dns("192.0.2.1"),
    },
  ),
  "split, WAN DNS server that nobody has": split(
    {},
    {
      ...ipv4("198.51.100.50/24", wan.gateway),
      dns: dns("198.51.100.240"),
    },
  ),
} as const satisfies Record<string, Network>;
export type NetworkName = keyof typeof networks;

/** Further networks on the LAN's cable, each with the router as gateway. */
export const moreNetworks = `
ip address add 203.0.113.1/32 dev lan
ip address add 203.0.113.2/31 dev lan
ip address add 203.0.113.65/32 dev lan
ip route add 203.0.113.70/32 dev lan
ip route add 203.0.113.96/28 dev lan
`;
