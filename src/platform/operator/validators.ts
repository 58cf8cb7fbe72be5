import { compileValidators } from "../../base/validation.ts";
import { PlatformKeysReply } from "./key-schemas.ts";

export const schemas = { PlatformKeysReply };

export const validators = compileValidators(schemas);
