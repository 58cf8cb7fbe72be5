import { type Validation, type ValidationContext, validateSettings } from "../checks/validate.ts";
import { quoted } from "../checks/values.ts";
import type { FieldProblem, FieldProblemCode } from "../model/problems.ts";
import type { Settings } from "../model/schema.ts";

/** A choice of two, as forms have it. */
export type YesNo = "yes" | "no";

export const yesNo = (value: boolean): YesNo => (value ? "yes" : "no");

/** Separated by spaces, commas, semicolons or lines. */
export function splitList(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== "");
}

/** A whole number, null for an empty text and, with a problem noted, for what is no number. */
export function readNumber(
  text: string,
  problems: FieldProblem[],
  field: string,
  code: FieldProblemCode,
  values: Record<string, string> = {},
): number | null {
  const typed = text.trim();
  if (typed === "") return null;
  if (/^\d{1,10}$/.test(typed)) return Number(typed);
  problems.push({ field, code, values: { value: quoted(typed), ...values } });
  return null;
}

export const numberText = (value: number | null) => (value === null ? "" : String(value));

/** What a form's texts mean, after all that can be wrong with them in the texts themselves. */
export function finishForm(
  settings: Settings,
  found: readonly FieldProblem[],
  context: ValidationContext = {},
): Validation {
  const validation = validateSettings(settings, context);
  if (found.length === 0) return validation;
  const places = found.map(({ field }) => field);
  // Of one field the text's own fault is said: what stands for it in the settings is only a
  // stopgap.
  const others = validation.ok
    ? []
    : validation.problems.filter(({ field }) => !places.includes(field));
  return { ok: false, problems: [...found, ...others] };
}
