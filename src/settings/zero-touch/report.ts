import { type Static, Type } from "@sinclair/typebox";
import { Fact, Facts } from "../../base/messages/fact-schema.ts";

const Text = Type.String({ maxLength: 500 });
const closed = { additionalProperties: false } as const;

/** One source that was read. */
export const ZeroTouchSource = Type.Object(
  {
    /** As people call it: OVF environment, NoCloud, ... */
    source: Text,
    /** Where it was found: a file, a volume, a credential. */
    place: Text,
    /** The names that it gave, as written there. */
    fields: Type.Array(Text, { maxItems: 100 }),
  },
  closed,
);
export type ZeroTouchSource = Static<typeof ZeroTouchSource>;

/** A problem with a field of the settings, as in settings/model/problems.ts. */
const Problem = Type.Object(
  {
    field: Text,
    code: Type.String({ maxLength: 60 }),
    values: Type.Optional(Type.Record(Type.String({ maxLength: 30 }), Text)),
    reason: Type.Optional(Fact),
  },
  closed,
);

/**
 * A value that was not used, or a source that could not be read: `field` is then "". The English
 * texts `message` and `example` also come as `facts` (the message first) or as the `problem` of a
 * field. Reports of older versions have neither.
 */
export const ZeroTouchProblem = Type.Object(
  {
    source: Text,
    place: Text,
    field: Text,
    message: Text,
    example: Text,
    facts: Type.Optional(Facts),
    problem: Type.Optional(Problem),
  },
  closed,
);
export type ZeroTouchProblem = Static<typeof ZeroTouchProblem>;

/**
 * The values that the appliance was given from outside, and their results. Never holds a secret.
 */
export const ZeroTouchReport = Type.Object(
  {
    /** Null before it was read for the first time. */
    readAt: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
    sources: Type.Array(ZeroTouchSource, { maxItems: 20 }),
    problems: Type.Array(ZeroTouchProblem, { maxItems: 60 }),
    /** Consequences of values that were left empty, as an address by DHCP. */
    notes: Type.Array(Text, { maxItems: 20 }),
    /** The same notes in the same order, each a fact. */
    noteFacts: Type.Optional(Facts),
  },
  closed,
);
export type ZeroTouchReport = Static<typeof ZeroTouchReport>;

export const emptyZeroTouchReport: ZeroTouchReport = {
  readAt: null,
  sources: [],
  problems: [],
  notes: [],
};
