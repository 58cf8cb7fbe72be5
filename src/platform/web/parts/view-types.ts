import type { ActivationCodeView, ContentReply } from "../../operator/schemas.ts";

export type {
  AboutView,
  ActivationCodeView,
  ApplianceView,
  CommandState,
  CommandView,
  ContentReply,
  ContentView,
  CreatedActivationCode,
  DeedView,
  MachineView,
  OutageView,
  ScanState,
  ScanView,
} from "../../operator/schemas.ts";
export type KeyView = ContentReply["keys"][number];
export type CodeStateName = ActivationCodeView["state"];
