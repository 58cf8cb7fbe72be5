import type { ActivationCodeView, ContentReply } from "../api/schemas.ts";

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
  ScanState,
  ScanView,
} from "../api/schemas.ts";
export type KeyView = ContentReply["keys"][number];
export type CodeStateName = ActivationCodeView["state"];
