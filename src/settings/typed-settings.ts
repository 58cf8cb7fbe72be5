import { type Static, Type } from "@sinclair/typebox";
import { AgentConfiguration } from "./agent-configuration.ts";

const address = Type.String({ maxLength: 64 });

/** A network interface as somebody typed it: nothing of it is applied. */
export const TypedInterface = Type.Object({
  role: Type.Union([Type.Literal("lan"), Type.Literal("wan")]),
  /** The device of the card that it would get; null without one. */
  device: Type.Union([Type.String({ maxLength: 15 }), Type.Null()]),
  /** In a VLAN, which does not exist before the settings are applied. */
  inVlan: Type.Boolean(),
  /** IPv4 by DHCP. */
  byDhcp: Type.Boolean(),
  /** With prefix length. */
  addresses: Type.Array(address, { maxItems: 2 }),
  gateways: Type.Array(address, { maxItems: 2 }),
  dns: Type.Array(address, { maxItems: 6 }),
  /** Nothing but DNS differs from what is active: its servers are reached as they will be. */
  sameWay: Type.Boolean(),
});
export type TypedInterface = Static<typeof TypedInterface>;

/**
 * Settings that the doctor tests before they are applied. configd gives them to its standard input,
 * with the password: they are in no file and no argument.
 */
export const TypedSettings = Type.Object({
  configuration: AgentConfiguration,
  proxyPassword: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
  /** The interfaces where the network differs from the active one. */
  interfaces: Type.Array(TypedInterface, { maxItems: 2 }),
  /** Whether the way through proxy and platform is tested, over the network as it is. */
  testsPath: Type.Boolean(),
});
export type TypedSettings = Static<typeof TypedSettings>;

/** More than the longest settings have. */
export const longestTypedSettings = 512 * 1024;
