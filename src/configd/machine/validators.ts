import { compileValidators } from "../../base/validation.ts";
import { CheckResult } from "../../protocol/schemas/check-result.ts";

export const schemas = { CheckResult };
export const validators = compileValidators(schemas);
