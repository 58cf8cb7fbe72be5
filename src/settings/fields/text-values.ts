import type { FieldProblemCode } from "../model/problems.ts";
import { quoted } from "../values/field-value.ts";
import type { Typed } from "./field.ts";

/** A choice of two, as forms have it. */
export const yesNo = (value: boolean): "yes" | "no" => (value ? "yes" : "no");

/** Separated by spaces, commas, semicolons or lines. */
export function splitList(text: string): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== "");
}

/** A whole number, null for an empty text and, with a problem noted, for what is no number. */
export function readNumber(
  text: string,
  typed: Typed,
  code: FieldProblemCode,
  values: Record<string, string> = {},
): number | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (/^\d{1,10}$/.test(trimmed)) return Number(trimmed);
  typed.note(code, { value: quoted(trimmed), ...values });
  return null;
}

export const numberText = (value: number | null) => (value === null ? "" : String(value));

/** An option's value for a number that can be left empty. */
export const withoutNone = (value: string) => (/^(?:none|automatic)$/i.test(value) ? "" : value);
