import { type Static, Type } from "@sinclair/typebox";
import { proxySchemeNames } from "./proxy-schemes.ts";

const closed = { additionalProperties: false } as const;
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** The version of the settings' format that this software writes. */
export const currentVersion = 2;

/** The longest text of an IPv6 address, as 2001:0db8:0000:0000:0000:ffff:192.0.2.128. */
const addressLength = 45;

/**
 * True: the router is reached on the link although it is outside of the own network (netplan(5),
 * `on-link`), as providers of virtual machines have it. Absent means no.
 */
const onLink = Type.Optional(Type.Literal(true));

/**
 * IPv4 of one interface. `address` has its prefix length, as 192.0.2.10/24. `../checks/` checks the
 * rest.
 */
export const Ipv4 = Type.Union([
  Type.Object({ method: Type.Literal("off") }, closed),
  Type.Object({ method: Type.Literal("dhcp") }, closed),
  Type.Object(
    {
      method: Type.Literal("static"),
      address: Type.String({ maxLength: 18 }),
      /** Null only where another interface leads out: the LAN's in split mode. */
      gateway: nullable(Type.String({ maxLength: 15 })),
      onLink,
    },
    closed,
  ),
]);
export type Ipv4 = Static<typeof Ipv4>;

/**
 * IPv6 of one interface. Automatic: by router advertisements, and by DHCPv6 where they say so (RFC
 * 4861, section 4.2).
 */
export const Ipv6 = Type.Union([
  Type.Object({ method: Type.Literal("off") }, closed),
  Type.Object({ method: Type.Literal("automatic") }, closed),
  Type.Object(
    {
      method: Type.Literal("static"),
      address: Type.String({ maxLength: addressLength + 4 }),
      /**
       * Null: the router's advertisements are not asked either; only the own network is reached.
       */
      gateway: nullable(Type.String({ maxLength: addressLength })),
      onLink,
    },
    closed,
  ),
]);
export type Ipv6 = Static<typeof Ipv6>;

/**
 * One route besides those of the addresses: `to` a network with prefix, `via` a neighbour of the
 * same family, or on-link.
 */
export const StaticRoute = Type.Object(
  {
    to: Type.String({ maxLength: addressLength + 4 }),
    via: Type.String({ maxLength: addressLength }),
    onLink,
    metric: nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
  },
  closed,
);
export type StaticRoute = Static<typeof StaticRoute>;

export const InterfaceSettings = Type.Object(
  {
    /**
     * Permanent MAC address of the interface in this role; null takes the first one that is free.
     */
    macAddress: nullable(Type.String({ maxLength: 17 })),
    /** IEEE 802.1Q tag; null is untagged. */
    vlan: nullable(Type.Integer({ minimum: 1, maximum: 4094 })),
    /** Null: what DHCP announces, else the link's own. */
    mtu: nullable(Type.Integer({ minimum: 576, maximum: 9216 })),
    ipv4: Ipv4,
    ipv6: Ipv6,
    /**
     * Own DNS servers and search domains; with DHCP and an empty list those of the lease are used.
     */
    dns: Type.Object(
      {
        servers: Type.Array(Type.String({ maxLength: addressLength }), { maxItems: 6 }),
        search: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 6 }),
      },
      closed,
    ),
    routes: Type.Array(StaticRoute, { maxItems: 32 }),
  },
  closed,
);
export type InterfaceSettings = Static<typeof InterfaceSettings>;

/**
 * Single: one interface scans and calls home. Split: LAN scans, WAN calls home, and neither does the
 * other's work.
 */
export const Network = Type.Union([
  Type.Object({ mode: Type.Literal("single"), lan: InterfaceSettings }, closed),
  Type.Object(
    { mode: Type.Literal("split"), lan: InterfaceSettings, wan: InterfaceSettings },
    closed,
  ),
]);
export type Network = Static<typeof Network>;

/** `automatic`: the strongest that the proxy offers. */
export const ProxyAuthentication = Type.Union(proxySchemeNames.map((name) => Type.Literal(name)));
export type ProxyAuthentication = Static<typeof ProxyAuthentication>;

const proxyHost = Type.String({ minLength: 1, maxLength: 253 });
const proxyPort = Type.Integer({ minimum: 1, maximum: 65_535 });
/** DOMAIN\\user or user@REALM where the scheme has domains; empty without a log-in. */
const proxyUser = Type.String({ maxLength: 200 });
const besidesTheProxy = {
  /** Hosts, `.domains`, addresses and networks that are called directly. */
  bypass: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 50 }),
  /** Whether the platform may be called directly while the proxy does not answer. */
  fallbackToDirect: Type.Boolean(),
};

/** The password is a secret of its own and never in this file. */
export const ProxySettings = Type.Union([
  Type.Object({ kind: Type.Literal("none") }, closed),
  Type.Object(
    {
      kind: Type.Literal("http"),
      host: proxyHost,
      port: proxyPort,
      /** Whether the proxy itself is spoken to over TLS. */
      tls: Type.Boolean(),
      authentication: ProxyAuthentication,
      user: proxyUser,
      ...besidesTheProxy,
    },
    closed,
  ),
  /** RFC 1928; with a user, RFC 1929. */
  Type.Object(
    {
      kind: Type.Literal("socks5"),
      host: proxyHost,
      port: proxyPort,
      user: proxyUser,
      ...besidesTheProxy,
    },
    closed,
  ),
  /** A proxy automatic configuration file, fetched directly. */
  Type.Object(
    {
      kind: Type.Literal("pac"),
      url: Type.String({ maxLength: 300 }),
      authentication: ProxyAuthentication,
      user: proxyUser,
      ...besidesTheProxy,
    },
    closed,
  ),
]);
export type ProxySettings = Static<typeof ProxySettings>;

export const Platform = Type.Object(
  {
    /** https://host[:port], or null before the first set-up. */
    url: nullable(Type.String({ maxLength: 300 })),
  },
  closed,
);
export type Platform = Static<typeof Platform>;

/** All that can be set on one appliance: the content of settings/appliance.yaml. */
export const Settings = Type.Object(
  {
    version: Type.Literal(currentVersion),
    hostname: Type.String({ minLength: 1, maxLength: 63 }),
    network: Network,
    proxy: ProxySettings,
    platform: Platform,
    /**
     * Certificates (PEM) of authorities that are believed besides the built-in ones, on the way to
     * the platform only.
     */
    trust: Type.Object(
      { certificates: Type.Array(Type.String({ maxLength: 8192 }), { maxItems: 5 }) },
      closed,
    ),
    /** NTP servers; with none, those of the lease, else Debian's pool. */
    time: Type.Object(
      { servers: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 6 }) },
      closed,
    ),
    /**
     * What is never scanned, whatever the platform asks for: addresses, networks, ranges.
     * `timeZone` is that of scan windows.
     */
    scan: Type.Object(
      {
        exclusions: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 200 }),
        timeZone: Type.String({ minLength: 1, maxLength: 60 }),
      },
      closed,
    ),
    /**
     * `keyboard` is an XKB layout of console-setup. Locked after so many minutes without a key,
     * when a PIN is set; null never.
     */
    console: Type.Object(
      {
        language: Type.Literal("en"),
        keyboard: Type.String({ minLength: 2, maxLength: 30 }),
        lockAfterMinutes: nullable(Type.Integer({ minimum: 1, maximum: 240 })),
      },
      closed,
    ),
  },
  closed,
);
export type Settings = Static<typeof Settings>;

export const defaultInterface: InterfaceSettings = {
  macAddress: null,
  vlan: null,
  mtu: null,
  ipv4: { method: "dhcp" },
  ipv6: { method: "off" },
  dns: { servers: [], search: [] },
  routes: [],
};

/** The settings of an HTTP proxy besides its host. */
export const defaultHttpProxy: Omit<Extract<ProxySettings, { kind: "http" }>, "host"> = {
  kind: "http",
  port: 3128,
  tls: false,
  authentication: "automatic",
  user: "",
  bypass: [],
  fallbackToDirect: false,
};

export const defaultSettings: Settings = {
  version: currentVersion,
  hostname: "outrider",
  network: { mode: "single", lan: defaultInterface },
  proxy: { kind: "none" },
  platform: { url: null },
  trust: { certificates: [] },
  time: { servers: [] },
  scan: { exclusions: [], timeZone: "UTC" },
  console: { language: "en", keyboard: "us", lockAfterMinutes: 15 },
};
