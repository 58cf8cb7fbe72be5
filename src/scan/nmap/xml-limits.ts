export interface NmapXmlLimits {
  bytes: number;
  depth: number;
  attributeLength: number;
  /** Attributes of one element: the parser's time grows with their square. */
  attributes: number;
  /** Characters without the end of a tag: the parser keeps them all. */
  tagLength: number;
  hosts: number;
  /** Ports of all hosts together. */
  ports: number;
}

/**
 * Nothing but one host is kept at a time. How much of it all the agent takes in at once is the
 * agent's own limit.
 */
export const nmapXmlLimits: NmapXmlLimits = {
  bytes: 2 ** 31,
  depth: 32,
  attributeLength: 2 ** 20,
  attributes: 64,
  tagLength: 2 ** 21,
  hosts: 2 ** 20,
  ports: 2 ** 26,
};

export class LimitReached extends Error {}
