import { compileValidators } from "../../base/validation.ts";
import { CheckResult } from "../../protocol/schemas/check-result.ts";
import { ToolOutput } from "../api/tool-task.ts";

export const schemas = { CheckResult, ToolOutput };
export const validators = compileValidators(schemas);
