import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { largestDocumentCharacters, zeroTouchFormats } from "../../settings/zero-touch/document.ts";
import { Trial } from "../api/status.ts";

/** /run/outrider/trial.json: the trial, for a restarted configd and the reverter. */
export const TrialState = Type.Composite([
  Type.Omit(Type.Object(Trial.properties), ["remainingMs"]),
  Type.Object({
    /** The trial's change of the proxy password. */
    proxyPassword: Type.Union([
      Type.Literal("same"),
      Type.Literal("replaced"),
      Type.Literal("removed"),
    ]),
  }),
]);
export type TrialState = Static<typeof TrialState>;

/** settings/cards.json: see network/card-memory.ts. */
export const CardMemory = Type.Array(
  Type.Object({
    macAddress: Type.String({ maxLength: 60 }),
    // Absent in files of earlier versions.
    place: Type.Optional(Type.Union([Type.String({ maxLength: 60 }), Type.Null()])),
    role: Type.Union([Type.Literal("lan"), Type.Literal("wan"), Type.Null()]),
    newSince: Type.String({ maxLength: 60 }),
    missingSince: Type.Union([Type.String({ maxLength: 60 }), Type.Null()]),
  }),
  { maxItems: 1000 },
);

/** settings/stop-scans.json: scans that an operator stopped, until the agent reports their end. */
export const StopScans = Type.Array(Type.String({ pattern: "^[0-9a-f-]{1,36}$" }), {
  maxItems: 100,
});

/** A document of the collector: see settings/zero-touch/document.ts. */
export const ZeroTouchDocument = Type.Object({
  format: Type.Union(zeroTouchFormats.map((format) => Type.Literal(format))),
  source: Type.String({ maxLength: 100 }),
  place: Type.String({ maxLength: 300 }),
  text: Type.String({ maxLength: largestDocumentCharacters }),
  failure: Type.Optional(Type.String({ maxLength: 300 })),
  facts: Type.Optional(Facts),
});
