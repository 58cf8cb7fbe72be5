import { compileValidators } from "../../base/validation.ts";
import { NetworkctlList } from "./schema.ts";

export const schemas = { NetworkctlList };
export const validators = compileValidators(schemas);
