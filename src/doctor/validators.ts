import { compileValidators } from "../base/validation.ts";
import { RungResult } from "../protocol/schemas/check-result.ts";
import { AgentConfiguration } from "../settings/agent-configuration.ts";
import { KnownPlatform } from "./known-platform.ts";

export const schemas = { AgentConfiguration, KnownPlatform, RungResult };
export const validators = compileValidators(schemas);
