import { isLinkLocal } from "../../base/addresses/ipv6.ts";
import { contains, formatNetwork, type Prefix } from "../../base/addresses/prefix.ts";
import { neighbourIn, type OwnAddress, reservedIn } from "./addresses.ts";
import { type FieldValue, right, wrong } from "./field-value.ts";

/** The whole length of an address: a prefix of it holds no neighbour. */
const hostLength = (family: 4 | 6) => (family === 4 ? 32 : 128);

/** An address as a prefix of its whole length. */
export const hostPrefix = ({ family, address }: Pick<Prefix, "family" | "address">): Prefix => ({
  family,
  address,
  length: hostLength(family),
});

/**
 * Whether every address is reached on the link: a host's own prefix (/32, /128) has no neighbours in
 * it, so that its router is one wherever it is.
 */
export function hasOnlyItself({ family, length }: Prefix): boolean {
  return length === hostLength(family);
}

/** A router's address as an example for people: one of the own network, where that has others. */
export function exampleRouter(own: OwnAddress | null, family: 4 | 6 = 4): string {
  if (own !== null && !hasOnlyItself(own)) return neighbourIn(own, own.address);
  return (own?.family ?? family) === 4 ? "192.0.2.1" : "fe80::1";
}

/**
 * Checks a router, of the default route or of another one, against the own network. `own` is null
 * where that is not known here, as with DHCP.
 */
export function checkRouter(
  router: Pick<Prefix, "family" | "address"> & { text: string },
  own: OwnAddress | null,
  onLink: boolean,
): FieldValue<string> {
  const { family, address, text } = router;
  // Router advertisements name link-local routers, which exist on every link (RFC 4861, 6.3.4).
  if (own === null || (family === 6 && isLinkLocal(address))) return right(text);
  const suggestion = exampleRouter(own);
  if (address === own.address) return wrong("gateway-is-self", { suggestion });
  if (!contains(own, hostPrefix(router)))
    return onLink || hasOnlyItself(own)
      ? right(text)
      : wrong("gateway-outside", { value: text, network: formatNetwork(own), suggestion });
  // RFC 4291, section 2.6.1: the first address of an IPv6 network belongs to its routers, so that it
  // can be the gateway.
  return family === 4 && reservedIn(own, address) !== null
    ? wrong("gateway-is-network", { value: text, suggestion })
    : right(text);
}

const onLinkWord = /^(.*\S)\s+on-?link$/is;

/** A router's text as `192.0.2.1` or `203.0.113.1 on-link`. */
export function splitOnLink(text: string): { router: string; onLink: boolean } {
  const router = onLinkWord.exec(text.trim())?.[1];
  return router === undefined ? { router: text, onLink: false } : { router, onLink: true };
}

/** The text that `splitOnLink` reads. */
export function withOnLink(router: string, onLink: true | undefined): string {
  return onLink === true ? `${router} on-link` : router;
}
