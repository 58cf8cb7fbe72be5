import { compileValidators } from "../../base/validation.ts";
import { type VerbName, verbs } from "./api.ts";

type RequestSchemas = { [Name in VerbName]: (typeof verbs)[Name]["request"] };

export const schemas = Object.fromEntries(
  Object.entries(verbs).map(([name, { request }]) => [name, request]),
) as RequestSchemas;
export const validators = compileValidators(schemas);
