/**
 * Time limits on the way to a URL. Those of the stages are together 15 s, so that a dead hop has a
 * name within that time even when each stage before it is as slow as it may be.
 */
export interface StageLimits {
  resolveMs: number;
  /** The kernel repeats a lost SYN after 1 s and 3 s (RFC 6298), so 3.5 s bear two losses. */
  connectMs: number;
  /** For both stages of a proxy that speaks TLS. */
  proxyMs: number;
  tlsMs: number;
  /** For all stages of all routes together, with a little to spare of the 15 s. */
  wholeMs: number;
}

export const defaultStageLimits: StageLimits = {
  resolveMs: 3000,
  connectMs: 3500,
  proxyMs: 5000,
  tlsMs: 3500,
  wholeMs: 14_500,
};
