import type { PacLimits } from "../../../src/transport/pac/limits.ts";
import type { StageLimits } from "../../../src/transport/stages/limits.ts";
import { patientMs } from "../patience.ts";

/** For tests of behaviour: no limit is reached on a busy machine. */
export const patientLimits: StageLimits = {
  resolveMs: patientMs,
  connectMs: patientMs,
  proxyMs: patientMs,
  tlsMs: patientMs,
  wholeMs: patientMs,
};

export const patientPacLimits: PacLimits = {
  stageMs: patientMs,
  fetchMs: patientMs,
  evaluationMs: patientMs,
  namesMs: patientMs,
  scriptMs: patientMs,
};
