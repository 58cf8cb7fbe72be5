import { compileValidators } from "../../base/validation.ts";
import { type VerbName, verbs } from "./api.ts";
import { ApiFailure } from "./shapes.ts";

type ReplySchemas = { [Name in VerbName]: (typeof verbs)[Name]["reply"] };

export const schemas = {
  ...(Object.fromEntries(
    Object.entries(verbs).map(([name, { reply }]) => [name, reply]),
  ) as ReplySchemas),
  failure: ApiFailure,
};
export const validators = compileValidators(schemas);
