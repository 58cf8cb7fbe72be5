import { fact } from "../../base/messages/facts.ts";
import { type Reading, unreadable } from "./named-values.ts";
import { readNames } from "./user-data.ts";

/** Reads credentials and guest variables by name, as the collector stored them: JSON of texts. */
export function readCredentials(text: string): Reading {
  try {
    const value: unknown = JSON.parse(text);
    return readNames(value, (name) => name);
  } catch {
    return unreadable(fact("given-unreadable"));
  }
}
