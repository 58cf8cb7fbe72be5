import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "ava";
import { openDatabase } from "../../src/platform/store/database.ts";

test("a transaction that read first writes all the same while another program writes", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-store-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "platform.sqlite");
  const database = await openDatabase(file);
  const other = new DatabaseSync(file, { timeout: 0 });
  try {
    const prune = () => other.prepare("DELETE FROM activation_codes WHERE expires_at < 2").run();
    await database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("activation_codes").selectAll().execute();
      t.throws(prune, { message: /locked/ }, "the other program waits, not the transaction");
      await transaction.deleteFrom("activation_codes").where("expires_at", "<", 1).execute();
    });
    t.notThrows(prune);
  } finally {
    other.close();
    await database.destroy();
  }
});
