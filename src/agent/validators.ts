import { compileValidators } from "../base/validation.ts";
import { AgentConfiguration } from "../configd/agent-configuration.ts";
import { ContentIndex, TargetFacts } from "../protocol/schemas/updates.ts";
import { StoredIdentity } from "./identity/schemas.ts";
import { LastScan, SpooledCompletion, SpooledJob, SpooledPlan, SpooledReceipt, SpooledShard, SpooledShards } from "./spool/schemas.ts";

export const schemas = {
  AgentConfiguration,
  ContentIndex,
  LastScan,
  SpooledCompletion,
  SpooledJob,
  SpooledPlan,
  SpooledReceipt,
  SpooledShard,
  SpooledShards,
  StoredIdentity,
  TargetFacts,
};
export const validators = compileValidators(schemas);
