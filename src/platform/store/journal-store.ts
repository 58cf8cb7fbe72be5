import type { Database, Row } from "./database.ts";
import { paged } from "./page.ts";
import type { JournalStore, StoredDeed } from "./store.ts";

/** The most entries that are kept, some years of a busy operator; then the oldest are deleted. */
const mostDeeds = 10_000;

export function journalStore(database: Database): JournalStore {
  return {
    begin: ({ by, from, what, subject }, now) =>
      database.transaction().execute(async (transaction) => {
        const last = await transaction
          .selectFrom("journal")
          .select("number")
          .orderBy("number", "desc")
          .limit(1)
          .executeTakeFirst();
        const number = (last?.number ?? 0) + 1;
        await transaction
          .insertInto("journal")
          .values({
            number,
            at: now,
            by_whom: by,
            from_where: from,
            what,
            subject,
            outcome: null,
            detail: "",
          })
          .execute();
        await transaction
          .deleteFrom("journal")
          .where("number", "<=", number - mostDeeds)
          .execute();
        return number;
      }),
    end: async (number, outcome, detail) => {
      await database
        .updateTable("journal")
        .set({ outcome, detail })
        .where("number", "=", number)
        .execute();
    },
    list: async (page) =>
      (
        await paged(
          database.selectFrom("journal").selectAll().orderBy("number", "desc"),
          page,
        ).execute()
      ).map(asDeed),
    count: async () => {
      const { count } = await database
        .selectFrom("journal")
        .select((select) => select.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}

function asDeed({
  number,
  at,
  by_whom,
  from_where,
  what,
  subject,
  outcome,
  detail,
}: Row<"journal">): StoredDeed {
  return { number, at, by: by_whom, from: from_where, what, subject, outcome, detail };
}
