import { Type } from "@sinclair/typebox";
import { compileValidators } from "../base/validation.ts";
import { ChangeOrigin } from "./model/origin.ts";
import { Settings } from "./model/schema.ts";

/** Who kept settings and when: the first line of an entry of the history. */
const KeptHeading = Type.Composite(
  [ChangeOrigin, Type.Object({ at: Type.Integer({ minimum: 0 }) })],
  { additionalProperties: false },
);
/** What is about to be kept, by the digest of its text. */
const Announcement = Type.Composite(
  [KeptHeading, Type.Object({ digest: Type.String({ maxLength: 64 }) })],
  { additionalProperties: false },
);

export const schemas = { Settings, KeptHeading, Announcement };
export const validators = compileValidators(schemas);
