import { compileValidators } from "../base/validation.ts";
import {
  BundlePartReceipt,
  Command,
  CommandReceipt,
  CommandResult,
  NetworkChange,
} from "./schemas/commands.ts";
import { Configuration, Directory, ErrorReply } from "./schemas/common.ts";
import {
  CertificateReply,
  CertificateRequest,
  ConfigurationReply,
  EnrolmentReply,
  EnrolmentRequest,
  SuccessionsReply,
} from "./schemas/enrolment.ts";
import { Heartbeat, HeartbeatReply, Inventory, InventoryReply } from "./schemas/health.ts";
import { Acknowledgement, AcknowledgementReply, Job, JobsReply } from "./schemas/jobs.ts";
import {
  Completion,
  CompletionReceipt,
  PartReceipt,
  PartsReply,
  ResultPart,
} from "./schemas/results.ts";
import { AnnouncementsReply, TargetFacts } from "./schemas/updates.ts";

export const schemas = {
  Acknowledgement,
  AcknowledgementReply,
  AnnouncementsReply,
  BundlePartReceipt,
  CertificateReply,
  CertificateRequest,
  Command,
  CommandReceipt,
  CommandResult,
  Completion,
  CompletionReceipt,
  Configuration,
  ConfigurationReply,
  Directory,
  EnrolmentReply,
  EnrolmentRequest,
  ErrorReply,
  Heartbeat,
  HeartbeatReply,
  Inventory,
  InventoryReply,
  Job,
  JobsReply,
  NetworkChange,
  PartReceipt,
  PartsReply,
  ResultPart,
  SuccessionsReply,
  TargetFacts,
};

export const validators = compileValidators(schemas);
