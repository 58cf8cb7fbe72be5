/** Name servers that are in the way, each on a port of the lab's router. */
export const dnsPorts = {
  /** The lab's own, with what the tests add. */
  right: 5353,
  refuses: 5401,
  /** NXDOMAIN for every name. */
  unknown: 5402,
  /** An address that no host has. */
  nobody: 5403,
  /** The address of a portal. */
  portal: 5404,
  /** What it asks itself does not answer. */
  servfail: 5405,
  /** Does not read the question. */
  formerr: 5406,
  notimp: 5407,
  /** The names are there and have no address (NODATA). */
  empty: 5408,
  /** A DNS filter's answers for names on its list, as Pi-hole and AdGuard give them. */
  zeros: 5409,
  loopback: 5410,
  /** Bytes that are no DNS. */
  garbage: 5411,
  /** Answers with another id, which RFC 5452 section 9.1 forbids to believe. */
  foreign: 5412,
  /** Every answer is truncated, and TCP is not answered. */
  truncated: 5413,
  /** Only after 1.2 s. */
  slow: 5414,
  /** SERVFAIL for IPv6, as old load balancers answer. */
  failsForIpv6: 5415,
  onlyIpv4: 5416,
  onlyIpv6: 5417,
  /** Knows the proxy, and no outside names. */
  insideOnly: 5418,
  /** Knows the outside names, and not the proxy. */
  outsideOnly: 5419,
} as const;
export type DnsKind = keyof typeof dnsPorts;
