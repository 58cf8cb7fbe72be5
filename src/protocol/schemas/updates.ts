import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { Instant, Sha256, ShortText } from "./common.ts";

export const contentKinds = ["signatures", "software"] as const;
export const ContentKind = Type.Union(contentKinds.map((kind) => Type.Literal(kind)));
export type ContentKind = (typeof contentKinds)[number];

/** Both become part of file names. */
export const ContentName = Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{0,62}$" });
export const ContentVersion = Type.String({ pattern: "^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,62}$" });

/** The largest file that can be published: a whole system with room to grow. */
export const longestTargetBytes = 2 * 2 ** 30;
const Length = Type.Integer({ minimum: 1, maximum: longestTargetBytes });

const facts = {
  kind: ContentKind,
  name: ContentName,
  version: ContentVersion,
  summary: ShortText,
  publishedAt: Instant,
};

/**
 * One thing that the platform publishes: a signature pack or system software. What is signed of it
 * is in the TUF metadata.
 */
export const Announcement = Type.Object({ ...facts, length: Length });
export type Announcement = Static<typeof Announcement>;

/** GET {updates}/announcements */
export const AnnouncementsReply = Type.Object({
  serverTime: Instant,
  version: Type.Integer({ minimum: 0 }),
  announcements: Type.Array(Announcement, { maxItems: 200 }),
});
export type AnnouncementsReply = Static<typeof AnnouncementsReply>;

/**
 * `custom` of a target in the signed metadata (TUF specification, section 4.5). `sequence` grows
 * with each publication: of one name the target with the greatest is the newest, whatever its
 * version is called.
 *
 * GET {updates}/metadata/{1.root|timestamp|1.snapshot|1.targets}.json gives the metadata as it was
 * signed. GET {updates}/targets/{SHA256}?from=OFFSET&length=BYTES gives a piece of a file. Not a
 * Range field: the query is part of what both sides sign, so that nothing between can shift a
 * piece.
 */
export const TargetFacts = Type.Object({ ...facts, sequence: Type.Integer({ minimum: 1 }) });
export type TargetFacts = Static<typeof TargetFacts>;

/** The longest piece that may be asked for. */
export const longestPieceBytes = 4 * 2 ** 20;

/** What is known of one update on an appliance. */
export const contentStates = ["known", "fetching", "fetched", "refused"] as const;
export const ContentItem = Type.Object({
  kind: ContentKind,
  name: ContentName,
  version: ContentVersion,
  state: Type.Union(contentStates.map((state) => Type.Literal(state))),
  length: Length,
  /** Bytes that are here. */
  received: Type.Integer({ minimum: 0 }),
  /** Why it was refused or is waited for: a code of error-codes.ts, and what exactly. */
  code: Type.Optional(Type.String({ maxLength: 60 })),
  detail: Type.Optional(Type.String({ maxLength: 500 })),
  /** What `detail` says, for those who have words of their own. */
  facts: Type.Optional(Facts),
});
export type ContentItem = Static<typeof ContentItem>;

/** content/index.json on the appliance: what is there and was verified, for those who use it. */
export const ContentIndex = Type.Object({
  version: Type.Literal(1),
  items: Type.Array(
    Type.Object({
      ...facts,
      sequence: Type.Integer({ minimum: 1 }),
      sha256: Sha256,
      length: Length,
    }),
    { maxItems: 500 },
  ),
});
export type ContentIndex = Static<typeof ContentIndex>;
