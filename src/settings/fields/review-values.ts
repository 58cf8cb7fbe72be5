import type { Ipv4, Ipv6 } from "../model/schema.ts";

/** What a review shows for a part of an address that is not static. */
export const withoutStatic = ({ method }: Ipv4) => (method === "dhcp" ? "by DHCP" : "none");
export const withoutStatic6 = ({ method }: Ipv6) => (method === "automatic" ? "automatic" : "none");

/** The values of a review behind which stands what the network has given. */
export const givenByNetwork: readonly string[] = ["by DHCP", "automatic"] satisfies NamedValue[];

/**
 * The values of a review that have a name, and are no operator's own: the console translates them.
 */
export const namedValues = [
  "first",
  "static",
  "DHCP",
  "off",
  "automatic",
  "none",
  "by DHCP",
  "not set",
  "set",
  "set anew",
  "one",
  "two",
  "yes",
  "no",
  "never",
  "usual",
] as const;

type NamedValue = (typeof namedValues)[number];
