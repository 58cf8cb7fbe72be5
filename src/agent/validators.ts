import { compileValidators } from "../base/validation.ts";
import { ContentIndex } from "../protocol/schemas/updates.ts";
import { AgentConfiguration } from "../settings/agent-configuration.ts";
import { SpooledCommand } from "./command-jobs/schemas.ts";
import { StoredIdentity } from "./identity/schemas.ts";
import { LastScan, SpooledCompletion, SpooledJob, SpooledNote, SpooledPlan, SpooledShard, SpooledShards, SpooledSlices } from "./spool/schemas.ts";

export const schemas = {
  AgentConfiguration,
  ContentIndex,
  LastScan,
  SpooledCommand,
  SpooledCompletion,
  SpooledJob,
  SpooledNote,
  SpooledPlan,
  SpooledShard,
  SpooledShards,
  SpooledSlices,
  StoredIdentity,
};
export const validators = compileValidators(schemas);
