import { compileValidators } from "../../base/validation.ts";
import { verbs } from "../api.ts";

export const schemas = {
  status: verbs.status.request,
  review: verbs.review.request,
  try: verbs.try.request,
  keep: verbs.keep.request,
  revert: verbs.revert.request,
  extend: verbs.extend.request,
  history: verbs.history.request,
  restore: verbs.restore.request,
  tryRemote: verbs.tryRemote.request,
  confirmRemote: verbs.confirmRemote.request,
  recoverNetwork: verbs.recoverNetwork.request,
  factoryReset: verbs.factoryReset.request,
  renew: verbs.renew.request,
  readZeroTouch: verbs.readZeroTouch.request,
  enrol: verbs.enrol.request,
  enrolled: verbs.enrolled.request,
  callNow: verbs.callNow.request,
  agentStatus: verbs.agentStatus.request,
  power: verbs.power.request,
  doctor: verbs.doctor.request,
  startShard: verbs.startShard.request,
  stopJob: verbs.stopJob.request,
  shards: verbs.shards.request,
  seal: verbs.seal.request,
  unseal: verbs.unseal.request,
  journal: verbs.journal.request,
  decommission: verbs.decommission.request,
};
export const validators = compileValidators(schemas);
