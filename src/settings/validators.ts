import { compileValidators } from "../base/validation.ts";
import { Settings } from "./schema.ts";

export const schemas = { Settings };
export const validators = compileValidators(schemas);
