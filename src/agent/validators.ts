import { compileValidators } from "../base/validation.ts";
import { AgentConfiguration } from "../configd/agent-configuration.ts";
import { StoredIdentity } from "./identity/schemas.ts";
import { LastScan, SpooledCompletion, SpooledJob, SpooledPlan, SpooledReceipt, SpooledShard, SpooledShards } from "./spool/schemas.ts";

export const schemas = {
  AgentConfiguration,
  LastScan,
  SpooledCompletion,
  SpooledJob,
  SpooledPlan,
  SpooledReceipt,
  SpooledShard,
  SpooledShards,
  StoredIdentity,
};
export const validators = compileValidators(schemas);
