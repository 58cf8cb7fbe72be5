import { compileValidators } from "../../base/validation.ts";
import { NmapRun } from "./run-schema.ts";

export const schemas = { NmapRun };
export const validators = compileValidators(schemas);
