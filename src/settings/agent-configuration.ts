import { type Static, Type } from "@sinclair/typebox";
import { ProxySettings } from "./model/schema.ts";

/**
 * The part of the settings that the agent and the doctor's transport checks need. configd writes it
 * to /run/outrider/agent.json (root:outrider-agent 0640). Secrets come as systemd credentials
 * (`proxy-password`, `activation-code`): files in $CREDENTIALS_DIRECTORY.
 */
export const AgentConfiguration = Type.Object({
  hostname: Type.String(),
  platformUrl: Type.Union([Type.String(), Type.Null()]),
  proxy: ProxySettings,
  /** Authorities (PEM) that are trusted on the way to the platform only. */
  trustedCertificates: Type.Array(Type.String()),
  /** Of network: what a missing card cannot show. */
  mode: Type.Union([Type.Literal("single"), Type.Literal("split")]),
  /** The device that scans leave by, for nmap -e; null when there is none. */
  scanDevice: Type.Union([Type.String(), Type.Null()]),
  /** The device that leads to the platform in split mode; null in single mode, and without its card. */
  managementDevice: Type.Union([Type.String(), Type.Null()]),
  /** Targets that no job may scan. */
  scanExclusions: Type.Array(Type.String()),
  simulated: Type.Union([Type.String(), Type.Null()]),
});
export type AgentConfiguration = Static<typeof AgentConfiguration>;
