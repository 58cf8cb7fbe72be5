import { compileValidators } from "../../base/validation.ts";
import { KeyPair, StoredAuthorities, StoredReplyKeys } from "./schemas.ts";

export const schemas = { KeyPair, StoredAuthorities, StoredReplyKeys };

export const validators = compileValidators(schemas);
