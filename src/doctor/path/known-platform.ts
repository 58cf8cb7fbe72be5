import { type Static, Type } from "@sinclair/typebox";
import { Directory, ReplyKey } from "../../protocol/schemas/common.ts";

/** The parts of the agent's identity.json with the services' URLs, the trusted authorities and the keys. */
export const KnownPlatform = Type.Object({
  /** The platform that it is enrolled at. If the settings name another one, the rest is unused. */
  platformUrl: Type.String({ maxLength: 300 }),
  certificateAuthorities: Type.String({ maxLength: 32_000 }),
  configuration: Type.Object({
    directory: Directory,
    /** The keys that sign the platform's replies. */
    replyKeys: Type.Optional(Type.Array(ReplyKey, { maxItems: 10 })),
  }),
  /** The appliance's own, in PEM. */
  certificate: Type.Optional(Type.String({ maxLength: 8000 })),
});
export type KnownPlatform = Static<typeof KnownPlatform>;
