import type { Database, Session } from "./database.ts";
import type { SettingsStore } from "./store.ts";

export function settingsStore(database: Database): SettingsStore {
  return {
    read: (name) => readSetting(database, name),
    write: (name, value) => writeSetting(database, name, value),
  };
}

export async function readSetting(session: Session, name: string): Promise<unknown> {
  const row = await session
    .selectFrom("settings")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return row === undefined ? undefined : JSON.parse(row.value);
}

export async function writeSetting(session: Session, name: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await session
    .insertInto("settings")
    .values({ name, value: text })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: text }))
    .execute();
}
