import { type Static, Type } from "@sinclair/typebox";

/** IPv4 of one interface. `address` with prefix length, as 192.0.2.10/24. Checked further in `validate.ts`. */
export const Ipv4 = Type.Union([
  Type.Object({ method: Type.Literal("dhcp") }, { additionalProperties: false }),
  Type.Object(
    { method: Type.Literal("static"), address: Type.String({ maxLength: 18 }), gateway: Type.String({ maxLength: 15 }) },
    { additionalProperties: false },
  ),
]);
export type Ipv4 = Static<typeof Ipv4>;

export const InterfaceSettings = Type.Object(
  {
    /** MAC address of the interface in this role; null takes the first one. */
    macAddress: Type.Union([Type.String({ maxLength: 17 }), Type.Null()]),
    ipv4: Ipv4,
    /** Own DNS servers and search domains; with DHCP and an empty list those of the lease are used. */
    dns: Type.Object(
      {
        servers: Type.Array(Type.String({ maxLength: 45 }), { maxItems: 6 }),
        search: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 6 }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type InterfaceSettings = Static<typeof InterfaceSettings>;

export const Network = Type.Object({ mode: Type.Literal("single"), lan: InterfaceSettings }, { additionalProperties: false });
export type Network = Static<typeof Network>;

/** The password is a secret of its own and never in this file. */
export const ProxySettings = Type.Union([
  Type.Object({ kind: Type.Literal("none") }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal("http"),
      host: Type.String({ minLength: 1, maxLength: 253 }),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
      authentication: Type.Union([Type.Literal("none"), Type.Literal("basic")]),
      user: Type.String({ maxLength: 200 }),
    },
    { additionalProperties: false },
  ),
]);
export type ProxySettings = Static<typeof ProxySettings>;

export const Platform = Type.Object(
  {
    /** https://host[:port], or null before the first set-up. */
    url: Type.Union([Type.String({ maxLength: 300 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Platform = Static<typeof Platform>;

/** All that can be set on one appliance: the content of settings/appliance.yaml. */
export const Settings = Type.Object(
  {
    version: Type.Literal(1),
    hostname: Type.String({ minLength: 1, maxLength: 63 }),
    network: Network,
    proxy: ProxySettings,
    platform: Platform,
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;

export const defaultSettings: Settings = {
  version: 1,
  hostname: "outrider",
  network: { mode: "single", lan: { macAddress: null, ipv4: { method: "dhcp" }, dns: { servers: [], search: [] } } },
  proxy: { kind: "none" },
  platform: { url: null },
};
