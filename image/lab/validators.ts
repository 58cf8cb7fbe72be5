import { compileValidators } from "../../src/base/validation.ts";
import {
  ActivationCodesReply,
  AppliancesReply,
  ApplianceView,
  CommandView,
  CreatedActivationCode,
  ScanResultsReply,
  ScanView,
} from "../../src/platform/operator/schemas.ts";

export const schemas = {
  ActivationCodesReply,
  ApplianceView,
  AppliancesReply,
  CommandView,
  CreatedActivationCode,
  ScanResultsReply,
  ScanView,
};
export const validators = compileValidators(schemas);
