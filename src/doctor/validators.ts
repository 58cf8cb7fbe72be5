import { compileValidators } from "../base/validation.ts";
import { AgentConfiguration } from "../settings/agent-configuration.ts";
import { KnownPlatform } from "./path/known-platform.ts";

export const schemas = { AgentConfiguration, KnownPlatform };
export const validators = compileValidators(schemas);
