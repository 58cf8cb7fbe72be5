import { compileValidators } from "../base/validation.ts";
import { UpdateRecord } from "./schemas.ts";

export const schemas = { UpdateRecord };
export const validators = compileValidators(schemas);
