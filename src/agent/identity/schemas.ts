import { type Static, Type } from "@sinclair/typebox";
import {
  CertificateAuthorities,
  Configuration,
  ReplyKey,
  ShortText,
  Uuid,
} from "../../protocol/schemas/common.ts";

/** identity/identity.json: the appliance's identity; the private key is in a file beside it. */
export const StoredIdentity = Type.Object({
  version: Type.Literal(1),
  applianceId: Uuid,
  applianceName: ShortText,
  certificate: Type.String({ maxLength: 8000 }),
  certificateAuthorities: CertificateAuthorities,
  configuration: Configuration,
  /**
   * Earlier reply keys, which the configuration does not list any more, while no listed one has
   * signed anything yet.
   */
  earlierReplyKeys: Type.Optional(Type.Array(ReplyKey, { maxItems: 10 })),
  platformUrl: Type.String({ maxLength: 300 }),
  /** File name of the private key. */
  keyFile: Type.String({ pattern: "^key-[0-9A-Z]{5}$" }),
  enrolledAt: Type.Integer({ minimum: 0 }),
  /** The platform's last signed reply refused the appliance, with this code. */
  refused: Type.Optional(
    Type.Union([Type.Literal("appliance-revoked"), Type.Literal("appliance-copy")]),
  ),
  /** The root of trust for updates (TUF 5.2: load the trusted root metadata), from enrolment. */
  contentRoot: Type.Optional(Type.String({ maxLength: 64_000 })),
});
export type StoredIdentity = Static<typeof StoredIdentity>;
