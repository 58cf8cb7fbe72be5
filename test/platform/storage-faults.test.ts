import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "ava";
import { until } from "../agent/appliance-process.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { PageSession } from "../testkit/platform/page-session.ts";
import { startPlatform } from "../testkit/platform/platform.ts";

test("a damaged database is told as the disk's fault by API, page and log, and to appliances as the platform's", async (t) => {
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const appliance = await enrolAt(platform);
  const session = await PageSession.logIn(platform);
  t.is((await platform.api.request("GET", "/scans")).status, 200);
  // As a disk damages it: the tables' first pages are not where they were.
  const database = new DatabaseSync(join(platform.dataFolder, "platform.sqlite"), {
    defensive: false,
  });
  database.exec(
    "pragma writable_schema = on; update sqlite_master set rootpage = 99999 where name in ('jobs', 'commands')",
  );
  database.exec("pragma schema_version = 9999");
  database.close();
  const answer = await platform.api.request<{ error: { code: string; detail: string } }>(
    "GET",
    "/scans",
  );
  t.is(answer.status, 500);
  t.is(answer.body.error.code, "storage-failed");
  t.regex(answer.body.error.detail, /^A disk does not do what it is asked/);
  const page = await session.read("/scans");
  t.is(page.status, 500);
  t.regex(page.text, /A disk does not do what it is asked.*Look at the machine/s);
  const told = await appliance.call("jobs", "GET", "/jobs");
  t.like(told, { status: 500, body: { error: { code: "internal-error" } } });
  t.true(told.verification.ok);
  for (const what of ["api failed", "page failed", "service failed"]) {
    const line = new RegExp(`${what}.*code="storage-failed"`);
    await t.notThrowsAsync(until(async () => line.test(platform.log), what));
  }
});
