import { type Static, Type } from "@sinclair/typebox";
import { ProxySettings } from "../../settings/model/schema.ts";
import { ToolAnswer, ToolRequest } from "./tool-shapes.ts";

/**
 * What configd gives the program of the tools, on its standard input. Secrets come as credentials of
 * its unit: `proxy-password`, and `platform` with the authorities that the agent got at its enrolment.
 */
export const ToolTask = Type.Object({
  request: ToolRequest,
  /** The device of the request's role. */
  device: Type.String({ maxLength: 15 }),
  /** The DNS servers of that interface; a link-local one has its zone. */
  servers: Type.Array(Type.String({ maxLength: 80 }), { maxItems: 32 }),
  /** The agent calls home over this interface: names are found, and the proxy is used, as it does. */
  callsHome: Type.Boolean(),
  platformUrl: Type.Union([Type.String({ maxLength: 300 }), Type.Null()]),
  proxy: ProxySettings,
  trustedCertificates: Type.Array(Type.String()),
});
export type ToolTask = Static<typeof ToolTask>;

/** One line on its standard output. */
export const ToolOutput = Type.Object({
  answer: ToolAnswer,
  /** The file of a capture in base64; null without one. */
  capture: Type.Union([Type.String({ maxLength: 4_000_000 }), Type.Null()]),
});
export type ToolOutput = Static<typeof ToolOutput>;
