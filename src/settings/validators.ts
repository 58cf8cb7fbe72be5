import { Type } from "@sinclair/typebox";
import { compileValidators } from "../base/validation.ts";
import { ChangeOrigin } from "./model/origin.ts";
import { Settings } from "./model/schema.ts";

/** The first line of an entry of the history: who kept the settings, and when. */
const KeptHeading = Type.Composite(
  [ChangeOrigin, Type.Object({ at: Type.Integer({ minimum: 0 }) })],
  { additionalProperties: false },
);
/** Settings that are about to be saved, by the digest of their text. */
const Announcement = Type.Composite(
  [KeptHeading, Type.Object({ digest: Type.String({ maxLength: 64 }) })],
  { additionalProperties: false },
);

export const schemas = { Settings, KeptHeading, Announcement };
export const validators = compileValidators(schemas);
