import { compileValidators } from "../../base/validation.ts";
import { CounterList, RuleList } from "./schema.ts";

export const schemas = { RuleList, CounterList };
export const validators = compileValidators(schemas);
