import { type Static, Type } from "@sinclair/typebox";
import { Instant, ShortText, Uuid } from "../../protocol/schemas/common.ts";
import { keyKinds } from "../services/key-rolls.ts";

const KeyKindName = Type.Union(keyKinds.map((kind) => Type.Literal(kind)));

const NamedAppliance = Type.Object({ id: Uuid, name: ShortText });
export type NamedAppliance = Static<typeof NamedAppliance>;

export const PlatformKeyView = Type.Object({
  kind: KeyKindName,
  /** A reply key's own id; the SHA-256 of an authority. */
  id: Type.String(),
  state: Type.Union([Type.Literal("used"), Type.Literal("announced")]),
  since: Instant,
  /** An announced one is used from then on, or as soon as all appliances know it. */
  useBy: Type.Union([Instant, Type.Null()]),
  /** How many appliances have said that they know it. */
  known: Type.Integer(),
  /** Those that have not. */
  unknown: Type.Array(NamedAppliance),
});
export type PlatformKeyView = Static<typeof PlatformKeyView>;

export const PlatformKeysReply = Type.Object({
  /** Those that are not revoked. */
  appliances: Type.Integer(),
  keys: Type.Array(PlatformKeyView),
  /** Reported as stolen. */
  revoked: Type.Array(Type.Object({ kind: KeyKindName, id: Type.String(), at: Instant })),
  /** They cannot recognise this platform any more: each needs a new code at its console. */
  lost: Type.Array(NamedAppliance),
});
export type PlatformKeysReply = Static<typeof PlatformKeysReply>;

export const KeyKindPath = Type.Object({ kind: KeyKindName });
export type KeyKindPath = Static<typeof KeyKindPath>;

export const NewRoll = Type.Object(
  {
    /** The key was stolen: use a new one at once, and believe nothing that the old one signs. */
    now: Type.Optional(Type.Boolean()),
    termDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
  },
  { additionalProperties: false },
);
export type NewRoll = Static<typeof NewRoll>;
