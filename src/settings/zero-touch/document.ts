import { type Fact, tellFacts } from "../../base/messages/facts.ts";

/** How to read what a source offers. */
export const zeroTouchFormats = [
  "ovf-environment",
  "user-data",
  "settings-yaml",
  "meta-data",
  "credentials",
] as const;
export type ZeroTouchFormat = (typeof zeroTouchFormats)[number];

/** Far above what any source needs. */
export const largestDocumentCharacters = 64 * 1024;

/**
 * One thing that hypervisor or volume offers, as it was found: to be judged, never to be believed.
 */
export interface ZeroTouchDocument {
  format: ZeroTouchFormat;
  /** As people call it: OVF environment, NoCloud volume, ... */
  source: string;
  /** Where it was found: a file, a volume, a credential. */
  place: string;
  text: string;
  /** Why it could not be read, when it was there; its text is then empty. */
  failure?: string;
  facts?: Fact[];
}

/** A document that was there and could not be read. */
export function unreadDocument(
  of: Pick<ZeroTouchDocument, "format" | "source" | "place">,
  wrong: Fact,
): ZeroTouchDocument {
  return { ...of, text: "", failure: tellFacts([wrong]) ?? "", facts: [wrong] };
}
