import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import test from "ava";
import { OutriderError } from "../../src/base/messages/error.ts";
import { SavedSettings } from "../../src/configd/kept/saved-settings.ts";
import type { ChangeOrigin } from "../../src/settings/model/origin.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const named = (hostname: string): Settings => ({ ...defaultSettings, hostname });
const anna = { how: "command-line", who: "anna pts/1", why: "the rack moved" } as const;

async function keep(
  { console }: TestAppliance,
  settings: Settings,
  by?: typeof anna,
): Promise<void> {
  const { id } = await console.call("try", { settings, ...(by ? { by } : {}) });
  await console.call("keep", { id });
}

test("the history has who kept settings, when and why, and the changes", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  const beforeMs = Date.now();
  await keep(appliance, named("one"));
  await keep(appliance, named("two"), anna);
  const { entries } = await appliance.console.call("history", {});
  t.deepEqual(
    entries.map(({ number, by, changes, settings }) => [
      number,
      by,
      changes.map(({ before, after }) => `${before} ${after}`),
      settings.hostname,
    ]),
    [
      [2, anna, ["one two"], "two"],
      [1, { how: "console", who: "", why: "" }, [], "one"],
    ],
  );
  t.true(entries.every(({ keptAt }) => keptAt >= beforeMs && keptAt <= Date.now()));
});

test("a file that was edited by hand is in the history too, marked as such", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await keep(appliance, named("one"), anna);
  const { file } = appliance.paths.settings;
  await writeFile(
    file,
    (await readFile(file, "utf8")).replace("hostname: one", "hostname: by-hand # rack 7"),
  );
  await appliance.kill();
  await appliance.start();
  const [newest] = (await appliance.console.call("history", {})).entries;
  t.is(newest?.settings.hostname, "by-hand");
  t.deepEqual(newest?.by, { how: "by-hand", who: "", why: "" } satisfies ChangeOrigin);
});

test("each of ten older configurations can be restored by a trial", async (t) => {
  const appliance = await testAppliance(t);
  const { console } = appliance;
  await appliance.start();
  for (let number = 1; number <= 13; number++) await keep(appliance, named(`host-${number}`));
  const { entries } = await console.call("history", {});
  t.deepEqual(
    entries.map(({ number }) => number),
    [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3],
  );
  await t.throwsAsync(console.call("restore", { number: 2 }), {
    instanceOf: OutriderError,
    code: "history-unknown",
  });
  const trial = await console.call("restore", { number: 3, by: anna });
  t.is((await console.call("status", {})).settings.hostname, "host-3");
  t.deepEqual(trial.by, anna);
  await console.call("revert", { id: trial.id });
  t.is((await console.call("status", {})).settings.hostname, "host-13");

  const second = await console.call("restore", { number: 4 });
  t.is(second.by.why, "back to number 4");
  await console.call("keep", { id: second.id });
  const [newest] = (await console.call("history", {})).entries;
  t.is(newest?.number, 14);
  t.is(newest?.settings.hostname, "host-4");
  // The entry before is still there to restore.
  t.is((await console.call("history", {})).entries[1]?.settings.hostname, "host-13");
});

test("the origin of a change survives a power cut before the history was written", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await keep(appliance, named("one"), anna);
  const { settings } = appliance.paths;
  const text = await readFile(settings.file, "utf8");
  // The state after a power cut right after the rename of the settings.
  await rm(settings.history, { recursive: true });
  await writeFile(
    settings.announcement,
    JSON.stringify({ digest: createHash("sha256").update(text).digest("hex"), at: 5, ...anna }),
  );
  const kept = new SavedSettings(appliance.paths, appliance.system);
  await kept.load();
  const [entry] = await kept.history();
  t.deepEqual([entry?.by, entry?.keptAt], [anna, 5]);
});
