import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readHistory } from "../../src/settings/history.ts";
import { loadSettings, type SettingsPlaces } from "../../src/settings/load.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";
import { saveSettings, textToSave } from "../../src/settings/save.ts";

async function places(t: ExecutionContext): Promise<SettingsPlaces> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-settings-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return {
    file: join(folder, "settings/appliance.yaml"),
    history: join(folder, "settings/history"),
  };
}

const named = (hostname: string): Settings => ({ ...defaultSettings, hostname });

async function save(where: SettingsPlaces, settings: Settings): Promise<void> {
  await saveSettings(where, await textToSave(where, settings));
}

test("before the first set-up there are defaults with DHCP, and nothing is wrong", async (t) => {
  t.deepEqual(await loadSettings(await places(t)), {
    settings: defaultSettings,
    source: "defaults",
    failure: null,
    text: null,
  });
});

test("what is saved is loaded", async (t) => {
  const where = await places(t);
  await save(where, named("scanner-1"));
  const loaded = await loadSettings(where);
  t.is(loaded.source, "file");
  t.deepEqual(loaded.settings, named("scanner-1"));
});

test("a damaged or missing file falls back to the last good copy, then to defaults, with the reason", async (t) => {
  const where = await places(t);
  await save(where, named("scanner-1"));
  await save(where, named("scanner-2"));
  await writeFile(where.file, "version: 1\nhostname: [");
  const damaged = await loadSettings(where);
  t.is(damaged.source, "last-good");
  t.is(damaged.settings.hostname, "scanner-2");
  t.regex(damaged.failure ?? "", /^line 2, column/);

  await writeFile(where.file, Buffer.alloc(10 * 2 ** 20, 0x61));
  t.regex((await loadSettings(where)).failure ?? "", /longer than/);

  await rm(where.file);
  await mkdir(where.file);
  t.regex((await loadSettings(where)).failure ?? "", /EISDIR/);

  await rm(where.file, { recursive: true });
  const missing = await loadSettings(where);
  t.is(missing.settings.hostname, "scanner-2");
  t.is(missing.failure, "the file is missing");

  for (const name of await readdir(where.history))
    await writeFile(join(where.history, name), "\u0000");
  await writeFile(where.file, "\u0000");
  const nothing = await loadSettings(where);
  t.is(nothing.source, "defaults");
  t.not(nothing.failure, null);
});

test("ten older settings can be gone back to", async (t) => {
  const where = await places(t);
  for (let number = 1; number <= 15; number++) await save(where, named(`scanner-${number}`));
  const history = await readHistory(where.history);
  t.deepEqual(
    history.map((entry) => entry.settings.hostname),
    Array.from({ length: 11 }, (_, index) => `scanner-${15 - index}`),
  );
  await save(where, named("scanner-15"));
  t.is((await readHistory(where.history)).length, 11);
  t.is((await readHistory(where.history))[0]?.number, 15);
});

test("a comment in the file is still there after a save", async (t) => {
  const where = await places(t);
  await save(where, named("scanner-1"));
  const text = await readFile(where.file, "utf8");
  await writeFile(where.file, text.replace("hostname: scanner-1", "hostname: scanner-1 # rack 7"));
  await save(where, named("scanner-2"));
  t.regex(await readFile(where.file, "utf8"), /hostname: scanner-2 # rack 7/);
});
