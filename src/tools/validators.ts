import { type Static, Type } from "@sinclair/typebox";
import { compileValidators } from "../base/validation.ts";
import { ToolTask } from "../configd/api/tool-task.ts";

/** The parts of the agent's identity.json with the platform's hosts and authorities. */
const KnownPlatform = Type.Object({
  platformUrl: Type.String({ maxLength: 300 }),
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
  configuration: Type.Object({
    directory: Type.Object({
      services: Type.Record(Type.String(), Type.String({ maxLength: 300 })),
    }),
  }),
});
export type KnownPlatform = Static<typeof KnownPlatform>;

export const schemas = { ToolTask, KnownPlatform };
export const validators = compileValidators(schemas);
