import type { Static, TSchema } from "@sinclair/typebox";
import { Ajv, type ErrorObject } from "ajv";

/** What is wrong with one place of a value that came from outside. */
export interface Violation {
  /** JSON pointer (RFC 6901), "" for the whole value. */
  path: string;
  message: string;
}

export type Validated<T> = { valid: true; value: T } | { valid: false; violations: Violation[] };
export type Validator<T> = (value: unknown) => Validated<T>;
export type Validators<S extends Record<string, TSchema>> = { [Name in keyof S]: Validator<Static<S[Name]>> };

/** The shape that ajv's own functions have, compiled now or at build time. */
export interface CompiledCheck {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Options shared with the build, which compiles the same checks ahead of time. */
export const validationOptions = { allErrors: true, strict: true, strictTuples: false, messages: true } as const;

/**
 * Checks for a file of schemas, by name. A file that calls this is named `validators.ts` and exports the result as
 * `validators` and its schemas as `schemas`: the image's bundler replaces such a file by checks compiled at build time, so that
 * agent and console carry neither ajv nor TypeBox (about 20 MB of memory each).
 */
export function compileValidators<S extends Record<string, TSchema>>(schemas: S): Validators<S> {
  const ajv = new Ajv(validationOptions);
  return mapChecks<S>(Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)])));
}

export function mapChecks<S extends Record<string, TSchema>>(checks: Record<string, CompiledCheck>): Validators<S> {
  const validators: Record<string, Validator<unknown>> = {};
  for (const [name, check] of Object.entries(checks)) validators[name] = (value) => runCheck(check, value);
  return validators as Validators<S>;
}

function runCheck(check: CompiledCheck, value: unknown): Validated<unknown> {
  if (check(value)) return { valid: true, value };
  const violations = (check.errors ?? []).map((error) => ({ path: error.instancePath, message: error.message ?? error.keyword }));
  return { valid: false, violations };
}
