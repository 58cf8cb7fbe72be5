import fc from "fast-check";
import { formatIpv4 } from "../../src/settings/ipv4.ts";
import { defaultHttpProxy, defaultInterface, defaultSettings, type Ipv4, type ProxySettings, type Settings } from "../../src/settings/schema.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";
const label = fc
  .tuple(
    fc.constantFrom(...letters),
    fc.string({ unit: fc.constantFrom(...letters, ..."0123456789-"), maxLength: 20 }),
    fc.constantFrom(...letters, ..."0123456789"),
  )
  .map((parts) => parts.join(""));
const domain = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, "test"].join("."));
const octet = fc.integer({ min: 1, max: 254 });
const usableAddress = fc.tuple(fc.integer({ min: 1, max: 126 }), octet, octet, octet).map((octets) => octets.join("."));

/** A host and another one in the same network, neither at its ends. */
const staticIpv4: fc.Arbitrary<Ipv4> = fc
  .tuple(fc.integer({ min: 1, max: 126 }), octet, octet, fc.integer({ min: 8, max: 29 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
  .map(([first, second, third, prefix, host, step]) => {
    const network = ((first * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8) >>> (32 - prefix)) * 2 ** (32 - prefix);
    const gateway = ((host - 1 + step) % 6) + 1;
    return { method: "static", address: `${formatIpv4(network + host)}/${prefix}`, gateway: formatIpv4(network + gateway) };
  });

const proxy: fc.Arbitrary<ProxySettings> = fc.oneof(
  fc.constant<ProxySettings>({ kind: "none" }),
  fc
    .tuple(fc.oneof(domain, usableAddress), fc.integer({ min: 1, max: 65_535 }), fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 })))
    .filter(([, , user]) => user === null || !/[:\u0000-\u001f\u007f]/.test(user))
    .map(
      ([host, port, user]): ProxySettings => ({
        ...defaultHttpProxy,
        bypass: [],
        host,
        port,
        authentication: user === null ? "none" : "basic",
        user: user ?? "",
      }),
    ),
);

/** Any settings that are valid and canonical. */
export const validSettings: fc.Arbitrary<Settings> = fc
  .record({
    hostname: label,
    macAddress: fc.option(
      fc
        .tuple(...Array.from({ length: 5 }, () => fc.integer({ min: 0, max: 255 })))
        .map((bytes) => ["52", ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":")),
    ),
    ipv4: fc.oneof(fc.constant<Ipv4>({ method: "dhcp" }), staticIpv4),
    servers: fc.uniqueArray(usableAddress, { minLength: 1, maxLength: 4 }),
    search: fc.uniqueArray(domain, { maxLength: 3 }),
    proxy,
    url: fc.option(domain.map((host) => `https://${host}`)),
  })
  .filter(({ ipv4, servers }) => ipv4.method !== "static" || !servers.includes(ipv4.address.split("/")[0] ?? ""))
  .map(({ hostname, macAddress, ipv4, servers, search, proxy, url }) => ({
    ...defaultSettings,
    hostname,
    network: { mode: "single", lan: { ...defaultInterface, macAddress, ipv4, dns: { servers, search } } },
    proxy,
    platform: { url },
  }));
