import { compileValidators } from "../../src/base/validation.ts";
import { AppliancesReply, ApplianceView, CreatedActivationCode, ScanResultsReply, ScanView } from "../../src/platform/api/schemas.ts";

export const schemas = { ApplianceView, AppliancesReply, CreatedActivationCode, ScanResultsReply, ScanView };
export const validators = compileValidators(schemas);
