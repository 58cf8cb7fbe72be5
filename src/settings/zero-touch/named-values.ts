import type { Fact } from "../../base/messages/facts.ts";
import type { FieldProblem } from "../model/problems.ts";
import { type FieldName, meaningOf } from "./fields.ts";

/** One value as a source has it. */
export interface GivenValue {
  /** As it is written there. */
  name: string;
  value: string;
  /** Within the document, as `line 3`; "" when there is no better place than the whole. */
  at: string;
}

/** A value of a name that is known here, with the document that gave it. */
export interface SourcedValue extends GivenValue {
  field: FieldName;
  source: string;
  place: string;
}

export interface FormatProblem {
  at: string;
  explanation: Explanation;
}

/**
 * A problem and, where it helps, what would be right, a sentence each; or a problem with a field of
 * the settings.
 */
export type Explanation = { wrong: Fact; right?: Fact } | { problem: FieldProblem };

/**
 * The content of a document: values, or the reason why it could not be read. Both, when only a part
 * is wrong.
 */
export interface Reading {
  values: GivenValue[];
  problems: FormatProblem[];
  /** What a hypervisor made for the network card: used where nothing else sets up an address. */
  network?: GivenValue[];
  /** What is not used, and why. */
  notes?: Fact[];
}

export const nothing: Reading = { values: [], problems: [] };

export const mostValues = 200;
/** A name longer than this is none of ours. */
export const longestName = 100;

/**
 * The part of a name that may be shown. Where nothing separates a name from its value, as in YAML's
 * {name:value}, the name holds the secret.
 */
export function shownName(name: string): string {
  const [shown = ""] = /^[\w.-]*/.exec(name.trim()) ?? [];
  if (shown === name.trim()) return shown;
  return meaningOf(shown) === null ? "..." : `${shown}...`;
}

export const unreadable = (wrong: Fact, at = "", right?: Fact): Reading => ({
  values: [],
  problems: [{ at, explanation: { wrong, ...(right ? { right } : {}) } }],
});
