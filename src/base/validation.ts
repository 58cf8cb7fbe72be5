import type { TSchema } from "@sinclair/typebox";
import { Ajv } from "ajv";
import { mapChecks, type Validators } from "./checks.ts";

export {
  type CompiledCheck,
  mapChecks,
  type Validated,
  type Validator,
  type Validators,
  type Violation,
} from "./checks.ts";

/** Options of ajv, shared with the build, which compiles the same checks ahead of time. */
export const validationOptions = {
  allErrors: true,
  strict: true,
  strictTuples: false,
  messages: true,
} as const;

/**
 * Validators for schemas, by name. A file that calls this is named `validators.ts` or
 * `*-validators.ts`, and exports the result as `validators` and its schemas as `schemas`. The
 * image's bundler replaces such a file by checks compiled at build time, so that agent and console
 * carry neither ajv nor TypeBox (about 20 MB of memory each).
 */
export function compileValidators<S extends Record<string, TSchema>>(schemas: S): Validators<S> {
  const ajv = new Ajv(validationOptions);
  return mapChecks<S>(
    Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]),
    ),
  );
}
