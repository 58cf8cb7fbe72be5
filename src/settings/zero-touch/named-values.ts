import type { Fact } from "../../base/messages/facts.ts";
import type { FieldProblem } from "../model/problems.ts";
import { meaningOf } from "./fields.ts";

/** One value as a source has it. */
export interface GivenValue {
  /** As it is written there. */
  name: string;
  value: string;
  /** Within the document, as `line 3`; "" when there is no better place than the whole. */
  at: string;
}

export interface FormatProblem {
  at: string;
  told: Told;
}

/**
 * What is wrong and, where it helps, what would be right, a sentence each; or what is wrong with a
 * field of the settings.
 */
export type Told = { wrong: Fact; right?: Fact } | { problem: FieldProblem };

/** What a document says: values, or why it could not be read. Both, when only a part is wrong. */
export interface Reading {
  values: GivenValue[];
  problems: FormatProblem[];
}

export const nothing: Reading = { values: [], problems: [] };

export const mostValues = 200;
/** A name longer than this is none of ours. */
export const longestName = 100;

/**
 * Where nothing parts a name from its value, as in YAML's {name:value}, a secret stands in the
 * name.
 */
export function shownName(name: string): string {
  const [shown = ""] = /^[\w.-]*/.exec(name.trim()) ?? [];
  if (shown === name.trim()) return shown;
  return meaningOf(shown) === null ? "..." : `${shown}...`;
}

export const unreadable = (wrong: Fact, at = "", right?: Fact): Reading => ({
  values: [],
  problems: [{ at, told: { wrong, ...(right ? { right } : {}) } }],
});
