import { compileValidators } from "../base/validation.ts";
import { ShardDone, ShardPlan } from "./schemas.ts";

export const schemas = { ShardDone, ShardPlan };
export const validators = compileValidators(schemas);
