import { compileValidators } from "../../base/validation.ts";
import { SpooledCommand } from "./command-schema.ts";
import { SpooledOutage } from "./outage-schema.ts";
import {
  LastScan,
  SpooledCompletion,
  SpooledJob,
  SpooledNote,
  SpooledPlan,
  SpooledReading,
  SpooledShard,
  SpooledShards,
  SpooledSlices,
} from "./schemas.ts";

export const schemas = {
  LastScan,
  SpooledCommand,
  SpooledCompletion,
  SpooledJob,
  SpooledNote,
  SpooledOutage,
  SpooledPlan,
  SpooledReading,
  SpooledShard,
  SpooledShards,
  SpooledSlices,
};
export const validators = compileValidators(schemas);
