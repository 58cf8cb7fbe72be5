import type { Static, TSchema } from "@sinclair/typebox";
import type { ErrorObject } from "ajv";

/** One fault in a value that came from outside. */
export interface Violation {
  /** JSON pointer (RFC 6901), "" for the whole value. */
  path: string;
  message: string;
  /**
   * The broken rule, as a JSON pointer into the schema. It tells the alternatives of a union apart.
   */
  rule: string;
}

export type Validated<T> = { valid: true; value: T } | { valid: false; violations: Violation[] };
export type Validator<T> = (value: unknown) => Validated<T>;
export type Validators<S extends Record<string, TSchema>> = {
  [Name in keyof S]: Validator<Static<S[Name]>>;
};

/** A function that ajv compiled, at run time or at build time. */
export interface CompiledCheck {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/**
 * Validators around compiled checks, by name. This file imports neither ajv nor TypeBox at run
 * time: the image's bundles carry it together with checks that the build compiled.
 */
export function mapChecks<S extends Record<string, TSchema>>(
  checks: Record<string, CompiledCheck>,
): Validators<S> {
  const validators: Record<string, Validator<unknown>> = {};
  for (const [name, check] of Object.entries(checks))
    validators[name] = (value) => runCheck(check, value);
  return validators as Validators<S>;
}

function runCheck(check: CompiledCheck, value: unknown): Validated<unknown> {
  if (check(value)) return { valid: true, value };
  const violations = (check.errors ?? []).map((error) => ({
    path: error.instancePath,
    message: describe(error),
    rule: error.schemaPath,
  }));
  return { valid: false, violations };
}

function describe(error: ErrorObject): string {
  const message = error.message ?? error.keyword;
  // ajv's message does not name the property that is not allowed.
  return error.keyword === "additionalProperties"
    ? `${message}: ${String(error.params.additionalProperty)}`
    : message;
}
