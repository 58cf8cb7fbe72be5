import { compileValidators } from "../../base/validation.ts";
import { StoredIdentity } from "./schemas.ts";

export const schemas = { StoredIdentity };
export const validators = compileValidators(schemas);
