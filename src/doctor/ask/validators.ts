import { compileValidators } from "../../base/validation.ts";
import { AddressAnswer, LinkAnswer, NeighbourAnswer, RouteAnswer } from "./schema.ts";

export const schemas = { RouteAnswer, AddressAnswer, NeighbourAnswer, LinkAnswer };
export const validators = compileValidators(schemas);
