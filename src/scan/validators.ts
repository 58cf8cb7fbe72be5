import { compileValidators } from "../base/validation.ts";
import { CardWait, ShardDone, ShardPlan } from "./schemas.ts";

export const schemas = { CardWait, ShardDone, ShardPlan };
export const validators = compileValidators(schemas);
