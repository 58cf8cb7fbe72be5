import { compileValidators } from "../../base/validation.ts";
import { EgressFile } from "../api/egress.ts";

export const schemas = { EgressFile };
export const validators = compileValidators(schemas);
