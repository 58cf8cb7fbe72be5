import { compileValidators } from "../../base/validation.ts";
import { ContentIndex } from "../../protocol/schemas/updates.ts";

export const schemas = { ContentIndex };
export const validators = compileValidators(schemas);
