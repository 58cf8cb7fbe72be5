import { type Static, Type } from "@sinclair/typebox";
import { Configuration, ShortText, Uuid } from "../../protocol/schemas/common.ts";

/**
 * identity/identity.json: who this appliance is at its platform. The private key lies in a file of
 * its own beside it.
 */
export const StoredIdentity = Type.Object({
  version: Type.Literal(1),
  applianceId: Uuid,
  applianceName: ShortText,
  certificate: Type.String({ maxLength: 8000 }),
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
  configuration: Configuration,
  platformUrl: Type.String({ maxLength: 300 }),
  /** File name of the private key. */
  keyFile: Type.String({ pattern: "^key-[0-9A-Z]{5}$" }),
  enrolledAt: Type.Integer({ minimum: 0 }),
  /** The platform's last word was that this appliance shall not work. */
  refused: Type.Optional(
    Type.Union([Type.Literal("appliance-revoked"), Type.Literal("appliance-copy")]),
  ),
  /** The root of trust for updates, as the enrolment reply brought it. */
  contentRoot: Type.Optional(Type.String({ maxLength: 64_000 })),
});
export type StoredIdentity = Static<typeof StoredIdentity>;
