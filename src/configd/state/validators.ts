import { compileValidators } from "../../base/validation.ts";
import { TrialEnd } from "../status.ts";
import { TrialState } from "./schema.ts";

export const schemas = { TrialState, TrialEnd };
export const validators = compileValidators(schemas);
