import { type Static, Type } from "@sinclair/typebox";

/**
 * What configd renders for the agent, the doctor's transport rungs and their like: /run/outrider/agent.json, root:outrider-agent
 * 0640. Secrets come as systemd credentials (`proxy-password`, `activation-code`), files in $CREDENTIALS_DIRECTORY.
 */
export const AgentConfiguration = Type.Object({
  hostname: Type.String(),
  platformUrl: Type.Union([Type.String(), Type.Null()]),
  proxy: Type.Union([
    Type.Null(),
    Type.Object({
      host: Type.String(),
      port: Type.Integer(),
      authentication: Type.Union([Type.Literal("none"), Type.Literal("basic")]),
      user: Type.String(),
    }),
  ]),
  /** The kernel's name of the interface that scans go out of, for nmap -e; null when there is none. */
  scanDevice: Type.Union([Type.String(), Type.Null()]),
  simulated: Type.Union([Type.String(), Type.Null()]),
});
export type AgentConfiguration = Static<typeof AgentConfiguration>;
