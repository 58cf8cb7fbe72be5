import { type Static, Type } from "@sinclair/typebox";
import { Facts } from "../../base/messages/fact-schema.ts";
import { Instant, Sha256, ShortText } from "./common.ts";

export const contentKinds = ["signatures", "software"] as const;
export const ContentKind = Type.Union(contentKinds.map((kind) => Type.Literal(kind)));
export type ContentKind = (typeof contentKinds)[number];

/** Name and version become parts of file names. */
export const ContentName = Type.String({ pattern: "^[a-z0-9][a-z0-9.-]{0,62}$" });
export const ContentVersion = Type.String({ pattern: "^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,62}$" });

/** The largest file that can be published. A whole system is smaller. */
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
 * A signature pack or system software that the platform publishes. The agent verifies it by the TUF
 * metadata, not by this.
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
 * `custom` of a target in the signed metadata (TUF 4.5: targets.json). `sequence` increases with
 * each publication: the newest target of a name is the one with the greatest `sequence`; `version`
 * does not count.
 *
 * GET {updates}/metadata/{1.root|timestamp|1.snapshot|1.targets}.json returns signed metadata.
 * GET {updates}/targets/{SHA256}?from=OFFSET&length=BYTES returns a piece of a file. The offset is
 * in the query and not in a Range field because both sides sign the query, so that a proxy cannot
 * change it.
 */
export const TargetFacts = Type.Object({ ...facts, sequence: Type.Integer({ minimum: 1 }) });
export type TargetFacts = Static<typeof TargetFacts>;

/** The longest piece of a file in one reply. */
export const longestPieceBytes = 4 * 2 ** 20;

/** The state of one update on an appliance. */
export const contentStates = ["known", "fetching", "fetched", "refused"] as const;
export const ContentItem = Type.Object({
  kind: ContentKind,
  name: ContentName,
  version: ContentVersion,
  state: Type.Union(contentStates.map((state) => Type.Literal(state))),
  length: Length,
  /** Bytes that were fetched. */
  received: Type.Integer({ minimum: 0 }),
  /** Why it was refused or has to wait: a code of error-codes.ts, and its detail. */
  code: Type.Optional(Type.String({ maxLength: 60 })),
  detail: Type.Optional(Type.String({ maxLength: 500 })),
  /** `detail` as translatable facts. */
  facts: Type.Optional(Facts),
});
export type ContentItem = Static<typeof ContentItem>;

/** content/index.json on the appliance: the verified files, for their consumers. */
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
