import { type Static, Type } from "@sinclair/typebox";
import { Directory } from "../../protocol/schemas/common.ts";

/** The parts of the agent's identity.json that say where the services are and whom to trust. */
export const KnownPlatform = Type.Object({
  /** Where it enrolled; with another platform in the settings the rest says nothing. */
  platformUrl: Type.String({ maxLength: 300 }),
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
  configuration: Type.Object({ directory: Directory }),
});
export type KnownPlatform = Static<typeof KnownPlatform>;
