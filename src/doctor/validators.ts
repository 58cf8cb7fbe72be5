import { compileValidators } from "../base/validation.ts";
import { RungResult } from "./result.ts";

export const schemas = { RungResult };
export const validators = compileValidators(schemas);
