import { compileValidators } from "../../base/validation.ts";
import { ZeroTouchReport } from "../../settings/zero-touch/report.ts";
import { TrialEnd } from "../api/status.ts";
import { CardMemory, StopScans, TrialState, ZeroTouchDocument } from "./schema.ts";

export const schemas = {
  CardMemory,
  StopScans,
  TrialState,
  TrialEnd,
  ZeroTouchDocument,
  ZeroTouchReport,
};
export const validators = compileValidators(schemas);
