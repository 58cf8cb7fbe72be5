import type { Announcement } from "../../protocol/schemas/updates.ts";
import type { Database } from "./database.ts";
import { readSetting, writeSetting } from "./settings-store.ts";
import type { AnnouncementStore } from "./store.ts";

const versionSetting = "announcements-version";
/** As many as one reply may carry (protocol/schemas/updates.ts). */
const mostAnnouncements = 100;

export function announcementStore(database: Database): AnnouncementStore {
  return {
    list: async () => {
      const rows = await database.selectFrom("announcements").selectAll().orderBy("published_at", "desc").limit(mostAnnouncements).execute();
      const version = Number((await readSetting(database, versionSetting)) ?? 0);
      const announcements = rows.map(
        (row): Announcement => ({
          kind: row.kind === "software" ? "software" : "signatures",
          version: row.version,
          summary: row.summary,
          publishedAt: row.published_at,
        }),
      );
      return { version, announcements };
    },
    publish: (announcement) =>
      database.transaction().execute(async (transaction) => {
        const { kind, version, summary, publishedAt } = announcement;
        await transaction
          .insertInto("announcements")
          .values({ kind, version, summary, published_at: publishedAt })
          .onConflict((conflict) => conflict.columns(["kind", "version"]).doUpdateSet({ summary, published_at: publishedAt }))
          .execute();
        await writeSetting(transaction, versionSetting, Number((await readSetting(transaction, versionSetting)) ?? 0) + 1);
      }),
  };
}
