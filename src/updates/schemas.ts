import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../base/messages/fact-schema.ts";
import { Sha256 } from "../protocol/schemas/common.ts";
import { ContentName, ContentVersion } from "../protocol/schemas/updates.ts";

const RecordedSet = Type.Object({
  id: Sha256,
  files: Type.Array(
    Type.Object({
      name: ContentName,
      version: ContentVersion,
      sha256: Sha256,
      length: Type.Integer({ minimum: 1 }),
    }),
  ),
});

const RecordedFailure = Type.Object({
  code: Type.String({ maxLength: 60 }),
  detail: Type.String({ maxLength: 500 }),
  facts: Type.Optional(Facts),
});
export type RecordedFailure = Static<typeof RecordedFailure>;

export const steps = ["verify", "install", "activate", "rollback"] as const;
export type Step = (typeof steps)[number];

const PendingUpdate = Type.Object({
  set: RecordedSet,
  /** The step that was begun. */
  step: Type.Union(steps.map((step) => Type.Literal(step))),
  /** How often it was begun. The driver gives up on a step that ends the process each time. */
  tries: Type.Integer({ minimum: 1 }),
  /** Why it is rolled back. */
  failure: Type.Union([RecordedFailure, Type.Null()]),
});
export type PendingUpdate = Static<typeof PendingUpdate>;

/** content/consumers/KIND.json: the driver's progress. The consumer knows the set in use. */
export const UpdateRecord = Type.Object({
  version: Type.Literal(1),
  pending: Type.Union([PendingUpdate, Type.Null()]),
  /** The last set that could not be used; it is tried again on request only. */
  refused: Type.Union([Type.Object({ set: RecordedSet, failure: RecordedFailure }), Type.Null()]),
});
export type UpdateRecord = Static<typeof UpdateRecord>;
