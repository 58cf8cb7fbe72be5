import type { Fact } from "../../base/messages/facts.ts";
import type { FieldProblem, FieldProblemCode } from "../model/problems.ts";

/** The meaning of one field's text, or the problem with it. */
export type FieldValue<T> =
  | { ok: true; value: T }
  | { ok: false; code: FieldProblemCode; values?: Record<string, string>; reason?: Fact };

export const right = <T>(value: T): FieldValue<T> => ({ ok: true, value });
export const wrong = (
  code: FieldProblemCode,
  values?: Record<string, string>,
  reason?: Fact,
): FieldValue<never> => ({
  ok: false,
  code,
  ...(values ? { values } : {}),
  ...(reason ? { reason } : {}),
});

export function problemAt(
  field: string,
  {
    code,
    values,
    reason,
  }: {
    code: FieldProblemCode;
    values?: Record<string, string> | undefined;
    reason?: Fact | undefined;
  },
): FieldProblem {
  return { field, code, ...(values ? { values } : {}), ...(reason ? { reason } : {}) };
}

/** Control characters; those that are invisible or turn the line round; replaced ones. */
const unprintable =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]/g;

/**
 * A text as a problem quotes it: shortened and printable, since a pasted book or an escape sequence
 * must not fill the screen, and without a log-in.
 */
export function quoted(text: string): string {
  const printable = withoutLogin(text).slice(0, 61).replace(unprintable, "?");
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}

/**
 * Cuts at the last @: a password may hold one, and people who cannot type it in an address write
 * %40.
 */
function withoutLogin(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[\s\S]*(?:@|%40)/i, "$1***@");
}

/** Collects every problem, so that an operator sees all of them at once. */
export class Findings {
  readonly problems: FieldProblem[] = [];

  add(field: string, code: FieldProblemCode, values?: Record<string, string>): void {
    this.problems.push({ field, code, ...(values ? { values } : {}) });
  }

  /**
   * The meaning of a field's text. A problem is added, and `otherwise` is returned in its place.
   */
  take<T, U>(field: string, parsed: FieldValue<T>, otherwise: U): T | U {
    if (parsed.ok) return parsed.value;
    this.problems.push(problemAt(field, parsed));
    return otherwise;
  }

  /** Parses each item of a list; then reports too many items, and items that occur twice. */
  takeList(
    field: string,
    items: readonly string[],
    limit: number,
    parse: (text: string) => FieldValue<string>,
  ): string[] {
    if (items.length > limit) {
      this.add(field, "too-many", { limit: String(limit) });
      return [...items];
    }
    const before = this.problems.length;
    const taken = items.map((item, index) => this.take(`${field}.${index}`, parse(item), item));
    if (this.problems.length > before) return taken;
    for (const [index, value] of taken.entries())
      if (taken.indexOf(value) < index)
        this.add(`${field}.${index}`, "duplicate", { value: quoted(value) });
    return taken;
  }
}
