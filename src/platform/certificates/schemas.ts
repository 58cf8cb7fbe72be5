import { type Static, Type } from "@sinclair/typebox";
import { Succession } from "../../protocol/schemas/enrolment.ts";

const Moment = Type.Integer({ minimum: 0 });

const MadeKey = Type.Object({
  /** PKCS #8, PEM. */
  privateKey: Type.String(),
  madeAt: Moment,
});

/** What is announced, and used from `useBy` on, or as soon as all appliances know it. */
const next = { useBy: Moment };

/** reply-keys.json: one file, so that a roll is whole or has not begun, whenever the power fails. */
export const StoredReplyKeys = Type.Object({
  present: Type.Composite([MadeKey, Type.Object({ since: Moment })]),
  next: Type.Optional(Type.Composite([MadeKey, Type.Object(next)])),
  /** Each earlier key vouches for the next. Their private keys are gone. */
  successions: Type.Array(Succession),
  revoked: Type.Array(Type.Object({ keyId: Type.String(), at: Moment })),
});
export type StoredReplyKeys = Static<typeof StoredReplyKeys>;

export const KeyPair = Type.Object({
  /** Both PEM. */
  certificate: Type.String(),
  privateKey: Type.String(),
});
export type KeyPair = Static<typeof KeyPair>;

/** certificate-authority.json. The pair in use stands where the only one did up to version 0.2. */
export const StoredAuthorities = Type.Composite([
  KeyPair,
  Type.Object({
    since: Type.Optional(Moment),
    next: Type.Optional(Type.Composite([KeyPair, Type.Object({ madeAt: Moment, ...next })])),
    /** How many there were, for the names of later ones. */
    made: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Earlier ones, by which certificates of appliances are still recognised. */
    former: Type.Optional(
      Type.Array(Type.Object({ certificate: Type.String(), until: Moment }), { maxItems: 100 }),
    ),
    revoked: Type.Optional(Type.Array(Type.Object({ fingerprint: Type.String(), at: Moment }))),
  }),
]);
export type StoredAuthorities = Static<typeof StoredAuthorities>;
