import type { Database } from "./database.ts";
import type { SessionStore } from "./store.ts";

export function sessionStore(database: Database): SessionStore {
  return {
    add: (tokenSha256, expiresAt, now) =>
      database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom("sessions").where("expires_at", "<", now).execute();
        await transaction
          .insertInto("sessions")
          .values({ token_sha256: tokenSha256, expires_at: expiresAt })
          .execute();
      }),
    isValid: async (tokenSha256, now) => {
      const row = await database
        .selectFrom("sessions")
        .select("expires_at")
        .where("token_sha256", "=", tokenSha256)
        .executeTakeFirst();
      return row !== undefined && row.expires_at > now;
    },
    remove: async (tokenSha256) => {
      await database.deleteFrom("sessions").where("token_sha256", "=", tokenSha256).execute();
    },
  };
}
