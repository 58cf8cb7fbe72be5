import type { ActivationCodeView } from "../api/schemas.ts";

export type { AboutView, ActivationCodeView, ApplianceView, CreatedActivationCode, ScanState, ScanView } from "../api/schemas.ts";
export type CodeStateName = ActivationCodeView["state"];
