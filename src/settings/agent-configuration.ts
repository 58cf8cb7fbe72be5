import { type Static, Type } from "@sinclair/typebox";
import { ProxySettings } from "./model/schema.ts";

/**
 * What configd renders for the agent, the doctor's transport checks and their like:
 * /run/outrider/agent.json, root:outrider-agent
 * 0640. Secrets come as systemd credentials (`proxy-password`, `activation-code`), files in
 *   $CREDENTIALS_DIRECTORY.
 */
export const AgentConfiguration = Type.Object({
  hostname: Type.String(),
  platformUrl: Type.Union([Type.String(), Type.Null()]),
  proxy: ProxySettings,
  /** Authorities (PEM) believed on the way to the platform only. */
  trustedCertificates: Type.Array(Type.String()),
  /**
   * The kernel's name of the interface that scans go out of, for nmap -e; null when there is none.
   */
  scanDevice: Type.Union([Type.String(), Type.Null()]),
  /** The interface that the platform is called over, in split mode; null in single mode. */
  managementDevice: Type.Union([Type.String(), Type.Null()]),
  /** What is never scanned, whatever a job says. */
  scanExclusions: Type.Array(Type.String()),
  simulated: Type.Union([Type.String(), Type.Null()]),
});
export type AgentConfiguration = Static<typeof AgentConfiguration>;
