import type { ActivationCodeView } from "../api/schemas.ts";

export type {
  AboutView,
  ActivationCodeView,
  ApplianceView,
  CommandState,
  CommandView,
  ContentReply,
  ContentView,
  CreatedActivationCode,
  MachineView,
  ScanState,
  ScanView,
} from "../api/schemas.ts";
export type CodeStateName = ActivationCodeView["state"];
