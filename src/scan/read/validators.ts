import { compileValidators } from "../../base/validation.ts";
import { ReadAnswer, ReadOrder } from "./schemas.ts";

export const schemas = { ReadAnswer, ReadOrder };
export const validators = compileValidators(schemas);
