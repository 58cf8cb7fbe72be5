import { type Static, Type } from "@sinclair/typebox";
import { Fact } from "../../base/messages/fact-schema.ts";

const who = Type.String({ maxLength: 100 });
const why = Type.String({ maxLength: 300 });
const closed = { additionalProperties: false } as const;

/** The origin that a client at the appliance names: `who` is the terminal, or user and terminal. */
export const CallerOrigin = Type.Object(
  { how: Type.Union([Type.Literal("console"), Type.Literal("command-line")]), who, why },
  closed,
);
export type CallerOrigin = Static<typeof CallerOrigin>;

export const originKinds = [
  "console",
  "command-line",
  "platform",
  "zero-touch",
  "recovery",
  "by-hand",
] as const;

/**
 * Who changed the settings, and why. `who` is the terminal, the platform's job, or the source that
 * was read; `by-hand` is a file that an administrator edited. `reason` is the same as `why` where
 * this software wrote it, and no operator.
 */
export const ChangeOrigin = Type.Object(
  {
    how: Type.Union(originKinds.map((kind) => Type.Literal(kind))),
    who,
    why,
    reason: Type.Optional(Fact),
  },
  closed,
);
export type ChangeOrigin = Static<typeof ChangeOrigin>;
