import { compileValidators } from "../base/validation.ts";
import { AgentConfiguration } from "../configd/agent-configuration.ts";
import { KnownPlatform } from "./known-platform.ts";
import { RungResult } from "./result.ts";

export const schemas = { AgentConfiguration, KnownPlatform, RungResult };
export const validators = compileValidators(schemas);
