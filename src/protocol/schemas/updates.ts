import { type Static, Type } from "@sinclair/typebox";
import { Instant, ShortText, Version } from "./common.ts";

/** One thing that the platform publishes: a signature pack or system software. */
export const Announcement = Type.Object({
  kind: Type.Union([Type.Literal("signatures"), Type.Literal("software")]),
  version: Version,
  summary: ShortText,
  publishedAt: Instant,
});
export type Announcement = Static<typeof Announcement>;

/** GET {updates}/announcements */
export const AnnouncementsReply = Type.Object({
  serverTime: Instant,
  version: Type.Integer({ minimum: 0 }),
  announcements: Type.Array(Announcement, { maxItems: 100 }),
});
export type AnnouncementsReply = Static<typeof AnnouncementsReply>;
