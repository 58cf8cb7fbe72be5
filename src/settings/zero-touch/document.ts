import { describeFacts, type Fact } from "../../base/messages/facts.ts";

/** The formats that a source can have. */
export const zeroTouchFormats = [
  "ovf-environment",
  "user-data",
  "settings-yaml",
  "meta-data",
  "network-config",
  "network-data",
  "credentials",
] as const;
export type ZeroTouchFormat = (typeof zeroTouchFormats)[number];

/** Far more than any source needs. */
export const largestDocumentCharacters = 64 * 1024;

/** One document that a hypervisor or a volume offers, as it was found. It is untrusted. */
export interface ZeroTouchDocument {
  format: ZeroTouchFormat;
  /** As people call it: OVF environment, NoCloud volume, ... */
  source: string;
  /** Where it was found: a file, a volume, a credential. */
  place: string;
  text: string;
  /** The reason why a document that exists could not be read; its text is then empty. */
  failure?: string;
  /** The reason as a fact, and what would be right where that helps. */
  facts?: Fact[];
}

/** A document that exists and could not be read. */
export function unreadDocument(
  of: Pick<ZeroTouchDocument, "format" | "source" | "place">,
  wrong: Fact,
  right?: Fact,
): ZeroTouchDocument {
  return {
    ...of,
    text: "",
    failure: describeFacts([wrong]) ?? "",
    facts: right === undefined ? [wrong] : [wrong, right],
  };
}
