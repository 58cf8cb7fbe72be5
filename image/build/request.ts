import { type Static, Type } from "@sinclair/typebox";
import { compileValidators } from "../../src/base/validation.ts";

/**
 * The build's request to the process that Packer starts after the appliance has tested itself and
 * powered off.
 */
export const PublishRequest = Type.Object(
  {
    diskFolder: Type.String(),
    diskKey: Type.String(),
    version: Type.String(),
    selfTestLog: Type.String(),
    outputFolder: Type.String(),
    accelerator: Type.String(),
    parts: Type.Array(
      Type.Object(
        { name: Type.String(), sizeBytes: Type.Number() },
        { additionalProperties: false },
      ),
    ),
    components: Type.Array(
      Type.Object(
        { name: Type.String(), version: Type.String(), purl: Type.String() },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type PublishRequest = Static<typeof PublishRequest>;

export const checkRequest = compileValidators({ request: PublishRequest }).request;
