import { type Static, Type } from "@sinclair/typebox";
import { Directory } from "../../protocol/schemas/common.ts";

/** The parts of the agent's identity.json with the services' URLs and the trusted authorities. */
export const KnownPlatform = Type.Object({
  /** The platform that it is enrolled at. If the settings name another one, the rest is unused. */
  platformUrl: Type.String({ maxLength: 300 }),
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
  configuration: Type.Object({ directory: Directory }),
});
export type KnownPlatform = Static<typeof KnownPlatform>;
