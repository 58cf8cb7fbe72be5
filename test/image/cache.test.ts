import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { BuildCache, contentKey } from "../../image/cache/cache.ts";

const newFolder = async (t: ExecutionContext) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-cache-"));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
};
const build = async (folder: string) => {
  await mkdir(folder);
  await writeFile(join(folder, "file"), "whole");
};

test("a built entry is found again and not built a second time", async (t) => {
  const cache = new BuildCache(await newFolder(t));
  const first = await cache.get("tree", "a", build);
  const second = await cache.get("tree", "a", () => Promise.reject(new Error("built again")));
  t.is(second, first);
});

test("a build that failed leaves nothing that could be taken for an entry", async (t) => {
  const folder = await newFolder(t);
  const cache = new BuildCache(folder);
  const broken = async (path: string) => {
    await build(path);
    throw new Error("half way");
  };
  await t.throwsAsync(cache.get("tree", "a", broken), { message: "half way" });
  t.deepEqual(await readdir(folder), []);
  t.is(await cache.find("tree", "a"), null);
});

test("two builds of the same at once both end with the whole entry", async (t) => {
  const folder = await newFolder(t);
  const paths = await Promise.all([
    new BuildCache(folder).get("tree", "a", build),
    new BuildCache(folder).get("tree", "a", build),
  ]);
  t.is(new Set(paths).size, 1);
  t.deepEqual(await readdir(folder), ["tree-a"]);
});

test("the least recently used entries of a kind go, with what killed builds left", async (t) => {
  const folder = await newFolder(t);
  const cache = new BuildCache(folder, 2);
  for (const [index, key] of ["a", "b"].entries()) {
    const path = await cache.get("tree", key, build);
    await utimes(path, 1000 + index, 1000 + index);
  }
  await cache.get("other", "x", build);
  // No process has this number: it is above the kernel's highest.
  await mkdir(join(folder, "unfinished-4194305-abcd"));
  await mkdir(join(folder, `unfinished-${process.pid}-abcd`));
  await cache.get("tree", "c", build);
  t.deepEqual((await readdir(folder)).sort(), [
    "other-x",
    "tree-b",
    "tree-c",
    `unfinished-${process.pid}-abcd`,
  ]);
});

test("a key depends on where one part ends and the next begins", (t) => {
  t.not(contentKey(["ab", "c"]), contentKey(["a", "bc"]));
  t.is(contentKey(["ab", Buffer.from("c")]), contentKey(["ab", "c"]));
});
