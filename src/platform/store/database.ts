import { Kysely, type Selectable, SqliteAdapter, SqliteDialect, type Transaction } from "kysely";
import { migrate } from "./migrations.ts";
import { openNodeSqlite } from "./node-sqlite.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;
export type Session = Kysely<Tables> | Transaction<Tables>;
export type Row<Table extends keyof Tables> = Selectable<Tables[Table]>;

/**
 * SQLite rolls schema changes back with their transaction (sqlite.org/lang_transaction.html), so
 * that a migration is never left half done. Kysely assumes that it does not.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

export async function openDatabase(path: string): Promise<Database> {
  const database = new Kysely<Tables>({
    dialect: new NodeSqliteDialect({ database: openNodeSqlite(path) }),
  });
  try {
    await migrate(database);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return database;
}
