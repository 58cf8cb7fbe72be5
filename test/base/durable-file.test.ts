import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import {
  makeFolderDurably,
  removeAbandoned,
  removeDurably,
  writeDurably,
} from "../../src/base/durable-file.ts";

const withFolder = test.macro(
  async (t, run: (folder: string, same: (a: unknown, b: unknown) => void) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), "outrider-durable-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    await run(folder, (a, b) => t.deepEqual(a, b));
  },
);

test(
  "a file is replaced whole, with its mode, and nothing else is left in the folder",
  withFolder,
  async (folder, same) => {
    const path = join(folder, "settings.yaml");
    await writeFile(path, "old", { mode: 0o644 });
    await writeDurably(path, "new", { mode: 0o640 });
    same(await readFile(path, "utf8"), "new");
    same((await stat(path)).mode & 0o777, 0o640);
    same(await readdir(folder), ["settings.yaml"]);
  },
);

test(
  "when writing fails the old file stays and no temporary file is left",
  withFolder,
  async (folder, same) => {
    const path = join(folder, "taken");
    await mkdir(join(path, "occupied"), { recursive: true });
    const failure = await writeDurably(path, "new").then(
      () => "written",
      (error: NodeJS.ErrnoException) => error.code,
    );
    same(failure === "EISDIR" || failure === "ENOTEMPTY", true);
    same(await readdir(folder), ["taken"]);
  },
);

test("many writers of one file leave one whole content", withFolder, async (folder, same) => {
  const path = join(folder, "state.json");
  const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(contents.map((content) => writeDurably(path, content)));
  same(contents.includes(await readFile(path, "utf8")), true);
  same(await readdir(folder), ["state.json"]);
});

test(
  "folders are made with their parents, and removing a missing file is no error",
  withFolder,
  async (folder, same) => {
    await makeFolderDurably(join(folder, "a", "b"), 0o750);
    await makeFolderDurably(join(folder, "a", "b"));
    same((await stat(join(folder, "a", "b"))).mode & 0o777, 0o750);
    await removeDurably(join(folder, "a", "none"));
  },
);

test(
  "the temporary file that a power cut left is removed an hour later, and nothing else",
  withFolder,
  async (folder, same) => {
    const left = [".0123456789ab.tmp", ".aabbccddeeff.tmp"];
    const others = ["settings.yaml", ".hidden", "an administrator's.tmp"];
    for (const name of [...left, ...others]) await writeFile(join(folder, name), "half");
    const { mtimeMs } = await stat(join(folder, left[1] ?? ""));
    await utimes(
      join(folder, left[0] ?? ""),
      new Date(mtimeMs - 3_600_000),
      new Date(mtimeMs - 3_600_000),
    );
    await removeAbandoned(folder, mtimeMs + 1000);
    same((await readdir(folder)).sort(), [left[1], ...others].sort());
    await removeAbandoned(join(folder, "that is not there"), mtimeMs);
  },
);

test(
  "before the first write, young temporary files are removed too, also in subfolders",
  withFolder,
  async (folder, same) => {
    await mkdir(join(folder, "commands"));
    for (const path of [
      ".0123456789ab.tmp",
      "kept.json",
      "commands/.aabbccddeeff.tmp",
      "commands/kept.json",
    ])
      await writeFile(join(folder, path), "half");
    await removeAbandoned(folder);
    same((await readdir(folder, { recursive: true })).sort(), [
      "commands",
      "commands/kept.json",
      "kept.json",
    ]);
  },
);
