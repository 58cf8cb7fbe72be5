import { compileValidators } from "../../base/validation.ts";
import { ApiFailure, verbs } from "../api.ts";

export const schemas = {
  status: verbs.status.reply,
  review: verbs.review.reply,
  try: verbs.try.reply,
  keep: verbs.keep.reply,
  revert: verbs.revert.reply,
  extend: verbs.extend.reply,
  history: verbs.history.reply,
  restore: verbs.restore.reply,
  tryRemote: verbs.tryRemote.reply,
  confirmRemote: verbs.confirmRemote.reply,
  recoverNetwork: verbs.recoverNetwork.reply,
  factoryReset: verbs.factoryReset.reply,
  renew: verbs.renew.reply,
  readZeroTouch: verbs.readZeroTouch.reply,
  enrol: verbs.enrol.reply,
  enrolled: verbs.enrolled.reply,
  callNow: verbs.callNow.reply,
  agentStatus: verbs.agentStatus.reply,
  power: verbs.power.reply,
  doctor: verbs.doctor.reply,
  startShard: verbs.startShard.reply,
  stopJob: verbs.stopJob.reply,
  shards: verbs.shards.reply,
  seal: verbs.seal.reply,
  unseal: verbs.unseal.reply,
  journal: verbs.journal.reply,
  decommission: verbs.decommission.reply,
  failure: ApiFailure,
};
export const validators = compileValidators(schemas);
