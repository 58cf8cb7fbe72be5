import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { largestDocumentCharacters, zeroTouchFormats } from "../../settings/zero-touch/document.ts";
import { Trial } from "../api/status.ts";

/**
 * /run/outrider/trial.json: what a configd that starts anew, and the reverter, know of the trial.
 */
export const TrialState = Type.Composite([
  Type.Omit(Type.Object(Trial.properties), ["remainingMs"]),
  Type.Object({
    /** Whether the trial has a proxy password of its own: kept as it was, replaced, or removed. */
    proxyPassword: Type.Union([
      Type.Literal("same"),
      Type.Literal("replaced"),
      Type.Literal("removed"),
    ]),
  }),
]);
export type TrialState = Static<typeof TrialState>;

/** settings/cards.json: the shape of network/card-memory.ts. */
export const CardMemory = Type.Array(
  Type.Object({
    macAddress: Type.String({ maxLength: 60 }),
    role: Type.Union([Type.Literal("lan"), Type.Literal("wan"), Type.Null()]),
    newSince: Type.String({ maxLength: 60 }),
    missingSince: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
  }),
  { maxItems: 1000 },
);

/**
 * settings/stop-scans.json: scans that somebody at the console wants to end, until the agent says
 * that they did.
 */
export const StopScans = Type.Array(Type.String({ pattern: "^[0-9a-f-]{1,36}$" }), {
  maxItems: 100,
});

/** What the collector writes of one source: the shape of settings/zero-touch/document.ts. */
export const ZeroTouchDocument = Type.Object({
  format: Type.Union(zeroTouchFormats.map((format) => Type.Literal(format))),
  source: Type.String({ maxLength: 100 }),
  place: Type.String({ maxLength: 300 }),
  text: Type.String({ maxLength: largestDocumentCharacters }),
  failure: Type.Optional(Type.String({ maxLength: 300 })),
  facts: Type.Optional(Facts),
});
