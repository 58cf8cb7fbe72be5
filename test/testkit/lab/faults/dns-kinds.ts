/** What the name server in front of the lab's own does. */
export const dnsKinds = [
  /** The lab's own, with what the tests add. */
  "right",
  "refuses",
  /** NXDOMAIN for every name. */
  "unknown",
  /** An address that no host has. */
  "nobody",
  /** The address of a portal. */
  "portal",
  /** What it asks itself does not answer. */
  "servfail",
  /** Does not read the question. */
  "formerr",
  "notimp",
  /** The names are there and have no address (NODATA). */
  "empty",
  /** A DNS filter's answers for names on its list, as Pi-hole and AdGuard give them. */
  "zeros",
  "loopback",
  /** Bytes that are no DNS. */
  "garbage",
  /** Answers with another id, which RFC 5452 section 9.1 forbids to believe. */
  "foreign",
  /** Every answer is truncated, and TCP is not answered. */
  "truncated",
  /** Only after 1.2 s. */
  "slow",
  /** SERVFAIL for IPv6, as old load balancers answer. */
  "failsForIpv6",
  "onlyIpv4",
  "onlyIpv6",
  /** Knows the proxy, and no outside names. */
  "insideOnly",
  /** Knows the outside names, and not the proxy. */
  "outsideOnly",
] as const;
export type DnsKind = (typeof dnsKinds)[number];

/** Where it listens on the router, and the file that says which kind it is. */
export const dnsFront = { port: 5400, file: "/run/lab/dns-kind" } as const;
