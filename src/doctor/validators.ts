import { compileValidators } from "../base/validation.ts";
import { AgentConfiguration } from "../settings/agent-configuration.ts";
import { KnownIdle } from "./path/known-idle.ts";
import { KnownPlatform } from "./path/known-platform.ts";

export const schemas = { AgentConfiguration, KnownIdle, KnownPlatform };
export const validators = compileValidators(schemas);
