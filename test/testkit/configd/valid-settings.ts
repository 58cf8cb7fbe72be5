import fc from "fast-check";
import { formatIpv4 } from "../../../src/base/addresses/ipv4.ts";
import { formatIpv6 } from "../../../src/base/addresses/ipv6.ts";
import { firstOf } from "../../../src/base/addresses/prefix.ts";
import { keyboardLayouts } from "../../../src/settings/model/keyboards.ts";
import type {
  InterfaceSettings,
  Ipv4,
  Ipv6,
  Network,
  ProxySettings,
  Settings,
  StaticRoute,
} from "../../../src/settings/model/schema.ts";
import { makeTestAuthority } from "../proxies/certificates.ts";

const networkOf = (address: number, length: number) =>
  Number(firstOf({ family: 4, address: BigInt(address), length }));

const authorities = [await makeTestAuthority("One"), await makeTestAuthority("Two")].map(
  ({ certificate }) => `${certificate.trim()}\n`,
);

const letters = "abcdefghijklmnopqrstuvwxyz";
const label = fc
  .tuple(
    fc.constantFrom(...letters),
    fc.string({ unit: fc.constantFrom(...letters, ..."0123456789-"), maxLength: 20 }),
    fc.constantFrom(...letters, ..."0123456789"),
  )
  .map((parts) => parts.join(""));
const domain = fc
  .array(label, { minLength: 1, maxLength: 3 })
  .map((labels) => [...labels, "test"].join("."));
const octet = fc.integer({ min: 1, max: 254 });
/** An address outside of the networks of both sides. */
const foreign4 = fc
  .tuple(fc.integer({ min: 20, max: 90 }), octet, octet, octet)
  .map((octets) => octets.join("."));
const foreign6 = fc
  .bigInt({ min: 2n, max: 2n ** 64n })
  .map((host) => formatIpv6((0x2001_0db8_ffffn << 80n) + host));
const host = fc.oneof(domain, foreign4, foreign6);

/** The address range of each side, so that the two never overlap. */
const sides = {
  lan: { first: 10, network6: 0x2001_0db8_000an },
  wan: { first: 120, network6: 0x2001_0db8_000bn },
};
type Side = (typeof sides)[keyof typeof sides];

/** Two hosts of one network, neither at its ends; seldom in a network of one or two addresses. */
function staticIpv4({ first }: Side, gatewayNeeded: boolean): fc.Arbitrary<Ipv4> {
  return fc
    .record({
      low: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
      prefix: fc.oneof(fc.integer({ min: 8, max: 29 }), fc.constantFrom(31, 32)),
      host: fc.integer({ min: 1, max: 6 }),
      step: fc.integer({ min: 1, max: 5 }),
      hasGateway: fc.boolean(),
    })
    .map(({ low, prefix, host, step, hasGateway }) => {
      const network = networkOf(first * 2 ** 24 + low, prefix);
      const { own, other } = neighbours(network, prefix, host, step);
      return {
        method: "static",
        address: `${formatIpv4(own)}/${prefix}`,
        gateway: gatewayNeeded || hasGateway ? formatIpv4(other >>> 0) : null,
      };
    });
}

/** Two different host addresses of a network; of a /32 the other one is outside. */
function neighbours(
  network: number,
  prefix: number,
  host: number,
  step: number,
): { own: number; other: number } {
  if (prefix === 32) return { own: network, other: network ^ 1 };
  if (prefix === 31) return { own: network + (host & 1), other: network + 1 - (host & 1) };
  return { own: network + host, other: network + ((host - 1 + step) % 6) + 1 };
}

function staticIpv6({ network6 }: Side, gatewayNeeded: boolean): fc.Arbitrary<Ipv6> {
  return fc
    .record({
      subnet: fc.integer({ min: 0, max: 0xffff }),
      host: fc.integer({ min: 2, max: 6 }),
      prefix: fc.oneof(fc.integer({ min: 48, max: 124 }), fc.constant(128)),
      gateway: fc.constantFrom("none", "first", "link-local"),
    })
    .map(({ subnet, host, prefix, gateway }) => {
      const network = (network6 << 80n) + (prefix >= 64 ? BigInt(subnet) << 64n : 0n);
      const needed = gatewayNeeded && gateway === "none" ? "first" : gateway;
      const via = { none: null, first: formatIpv6(network + 1n), "link-local": "fe80::1" }[needed];
      return {
        method: "static",
        address: `${formatIpv6(network + BigInt(host))}/${prefix}`,
        gateway: via,
      };
    });
}

const network4 = fc
  .tuple(fc.integer({ min: 20, max: 90 }), octet, octet, fc.integer({ min: 8, max: 32 }))
  .map(
    ([a, b, c, prefix]) =>
      `${formatIpv4(networkOf(a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8, prefix))}/${prefix}`,
  );
const network6 = fc
  .integer({ min: 0, max: 0xffff })
  .map((subnet) => `${formatIpv6(0x2001_0db8_fffen * 2n ** 80n + (BigInt(subnet) << 64n))}/64`);

/**
 * Routers that are on the link: the gateway, if there is one; any router where the network comes
 * from a lease.
 */
function routesOf(ipv4: Ipv4, ipv6: Ipv6): fc.Arbitrary<StaticRoute[]> {
  const onLink = ipv4.method === "static" && !ipv4.address.endsWith("/32") ? ipv4.gateway : null;
  const via4 = ipv4.method === "dhcp" ? "192.0.2.1" : onLink;
  const via6 = ipv6.method === "off" ? null : "fe80::1";
  const metric = fc.option(fc.integer({ min: 0, max: 4_294_967_294 }));
  const kinds = [
    ...(via4 === null ? [] : [fc.record({ to: network4, via: fc.constant(via4), metric })]),
    ...(via6 === null ? [] : [fc.record({ to: network6, via: fc.constant(via6), metric })]),
  ];
  return kinds.length === 0
    ? fc.constant([])
    : fc.uniqueArray(fc.oneof(...kinds), {
        maxLength: 4,
        selector: ({ to, metric }) => `${to} ${metric ?? 0}`,
      });
}

const macAddress = fc
  .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))
  .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":"));

function interfaceOn(side: Side, leadsOut: boolean): fc.Arbitrary<InterfaceSettings> {
  const ipv4 = fc.oneof(
    fc.constant<Ipv4>({ method: "off" }),
    fc.constant<Ipv4>({ method: "dhcp" }),
    staticIpv4(side, leadsOut),
  );
  return ipv4
    .chain((four) =>
      fc.tuple(
        fc.constant(four),
        fc.oneof(
          ...(four.method === "off" ? [] : [fc.constant<Ipv6>({ method: "off" })]),
          fc.constant<Ipv6>({ method: "automatic" }),
          staticIpv6(side, leadsOut && four.method === "off"),
        ),
      ),
    )
    .chain(([four, six]) => {
      const address = fc.oneof(
        ...(four.method === "off" ? [] : [foreign4]),
        ...(six.method === "off" ? [] : [foreign6]),
      );
      return fc.record({
        macAddress: fc.option(
          macAddress.map((rest) => `52:${side === sides.lan ? "00" : "01"}:${rest}`),
        ),
        vlan: fc.option(fc.integer({ min: 1, max: 4094 })),
        mtu: fc.option(fc.integer({ min: six.method === "off" ? 576 : 1280, max: 9216 })),
        ipv4: fc.constant(four),
        ipv6: fc.constant(six),
        dns: fc.record({
          servers: fc.uniqueArray(address, { minLength: 1, maxLength: 4 }),
          search: fc.uniqueArray(domain, { maxLength: 3 }),
        }),
        routes: routesOf(four, six),
      });
    });
}

/** Each side alone, both on cards of their own, or both as VLANs of one card. */
const network: fc.Arbitrary<Network> = fc.oneof(
  interfaceOn(sides.lan, true).map((lan): Network => ({ mode: "single", lan })),
  fc
    .tuple(interfaceOn(sides.lan, false), interfaceOn(sides.wan, true))
    .map(([lan, wan]): Network => ({ mode: "split", lan, wan })),
  fc
    .tuple(
      interfaceOn(sides.lan, false),
      interfaceOn(sides.wan, true),
      macAddress,
      fc.integer({ min: 1, max: 4093 }),
    )
    .map(([lan, wan, mac, vlan]): Network => {
      const shared = `52:02:${mac}`;
      return {
        mode: "split",
        lan: { ...lan, macAddress: shared, vlan },
        wan: { ...wan, macAddress: shared, vlan: vlan + 1 },
      };
    }),
);

const anyUser = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  // U+FFFD stands for what could not be decoded, so it is refused.
  .filter((user) => user.length <= 200 && !/[:\\@\u0000-\u001f\u007f\ufffd]/.test(user));
const login = fc.oneof(
  fc.constantFrom(
    { authentication: "none", user: "" } as const,
    { authentication: "automatic", user: "" } as const,
  ),
  anyUser.chain((user) =>
    fc.constantFrom(
      { authentication: "automatic", user } as const,
      { authentication: "basic", user } as const,
      { authentication: "digest", user } as const,
      { authentication: "ntlm", user: `EXAMPLE\\${user}` } as const,
      { authentication: "negotiate", user: "anna@EXAMPLE.TEST" } as const,
    ),
  ),
);
const besides = fc.record({
  bypass: fc.uniqueArray(
    fc.oneof(
      host,
      network4,
      network6,
      domain.map((name) => `.${name}`),
      domain.map((name) => `${name}:8443`),
      fc.constant("*"),
    ),
    {
      maxLength: 4,
    },
  ),
  fallbackToDirect: fc.boolean(),
});
const port = fc.integer({ min: 1, max: 65_535 });

const proxy: fc.Arbitrary<ProxySettings> = fc.oneof(
  fc.constant<ProxySettings>({ kind: "none" }),
  fc.tuple(host, port, fc.boolean(), login, besides).map(
    ([host, port, tls, log, rest]): ProxySettings => ({
      kind: "http",
      host,
      port,
      tls,
      ...log,
      ...rest,
    }),
  ),
  fc
    .tuple(host, port, fc.option(anyUser), besides)
    .filter(([, , user]) => Buffer.byteLength(user ?? "") <= 255)
    .map(
      ([host, port, user, rest]): ProxySettings => ({
        kind: "socks5",
        host,
        port,
        user: user ?? "",
        ...rest,
      }),
    ),
  fc.tuple(domain, login, besides).map(
    ([host, log, rest]): ProxySettings => ({
      kind: "pac",
      url: `http://${host}/proxy.pac`,
      ...log,
      ...rest,
    }),
  ),
);

const exclusion = fc.oneof(
  foreign4,
  fc.tuple(foreign4, fc.integer({ min: 16, max: 31 })).map(([address, prefix]) => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
    return `${formatIpv4(networkOf(((a * 256 + b) * 256 + c) * 256 + d, prefix))}/${prefix}`;
  }),
  fc
    .tuple(octet, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 101, max: 254 }))
    .map(([c, low, high]) => `192.0.${c}.${low}-192.0.${c}.${high}`),
);

/** Any valid settings in canonical form. */
export const validSettings: fc.Arbitrary<Settings> = fc
  .record({
    version: fc.constant(2 as const),
    hostname: label,
    network,
    proxy,
    platform: fc.record({ url: fc.option(domain.map((name) => `https://${name}`)) }),
    trust: fc.record({ certificates: fc.subarray(authorities) }),
    time: fc.record({ servers: fc.uniqueArray(host, { maxLength: 3 }) }),
    scan: fc.record({
      exclusions: fc.uniqueArray(exclusion, { maxLength: 6 }),
      timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"),
    }),
    console: fc.record({
      language: fc.constant("en" as const),
      keyboard: fc.constantFrom(...keyboardLayouts),
      lockAfterMinutes: fc.option(fc.integer({ min: 1, max: 240 })),
    }),
  })
  // fast-check sometimes makes records without a prototype, which parsed settings never are.
  .map((settings) => structuredClone(settings));
