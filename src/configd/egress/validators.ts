import { compileValidators } from "../../base/validation.ts";
import { EgressFile } from "./schemas.ts";

export const schemas = { EgressFile };
export const validators = compileValidators(schemas);
