import { compileValidators } from "../../base/validation.ts";
import { AgentConfiguration } from "../../settings/agent-configuration.ts";

export const schemas = { AgentConfiguration };
export const validators = compileValidators(schemas);
