import { type Static, Type } from "@sinclair/typebox";

/**
 * Something found out: a code of fact-phrases.ts and its values, so that each program shows it in
 * its own language. Texts from outside, as a proxy's reason or a system's error, are values.
 */
export const Fact = Type.Object({
  code: Type.String({ maxLength: 60 }),
  values: Type.Record(
    Type.String({ maxLength: 30 }),
    Type.Union([Type.String({ maxLength: 500 }), Type.Number()]),
  ),
});
export type Fact = Static<typeof Fact>;

/** The facts about one thing, in the order in which they are shown. */
export const Facts = Type.Array(Fact, { maxItems: 20 });
