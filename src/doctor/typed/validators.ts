import { compileValidators } from "../../base/validation.ts";
import { TypedSettings } from "../../settings/typed-settings.ts";

export const schemas = { TypedSettings };
export const validators = compileValidators(schemas);
