import { type Static, Type } from "@sinclair/typebox";

/**
 * Something that was found out: a code of fact-phrases.ts with its values, so that whoever shows it
 * says it in words of his own. What others said, as a proxy's reason or a system's error, is a
 * value.
 */
export const Fact = Type.Object({
  code: Type.String({ maxLength: 60 }),
  values: Type.Record(
    Type.String({ maxLength: 30 }),
    Type.Union([Type.String({ maxLength: 500 }), Type.Number()]),
  ),
});
export type Fact = Static<typeof Fact>;

/** What is said of one thing, one after the other. */
export const Facts = Type.Array(Fact, { maxItems: 20 });
