import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { SqliteDatabase } from "kysely";

/** How long a statement waits for another process's lock. */
const busyTimeoutMs = 5000;

/**
 * A plain `begin` takes the write lock with the first write. When another program wrote after the
 * transaction's first read, that write fails at once, whatever the time limit (SQLITE_BUSY_SNAPSHOT,
 * sqlite.org/rescode.html). All transactions here write, so they take the lock first.
 */
const beginToWrite = "begin immediate";

/**
 * Opens a database file for Kysely's SQLite dialect, which expects the interface of another driver
 * (better-sqlite3). WAL with synchronous=FULL: a commit is on the disk when it returns
 * (sqlite.org/pragma.html#pragma_synchronous).
 */
export function openNodeSqlite(path: string): SqliteDatabase {
  const database = new DatabaseSync(path, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
  });
  database.exec("pragma journal_mode = wal; pragma synchronous = full;");
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql === "begin" ? beginToWrite : sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(sqlValue)),
        run: (parameters) => statement.run(...parameters.map(sqlValue)),
        iterate: (parameters) => statement.iterate(...parameters.map(sqlValue)),
      };
    },
  };
}

function sqlValue(value: unknown): SQLInputValue {
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    value instanceof Uint8Array
  )
    return value;
  throw new TypeError(`a ${typeof value} cannot be stored`);
}
