import { readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { TestFiles } from "../../image/start/test-files.ts";

const root = join(import.meta.dirname, "../..");

test("a file counts as run by the prefix that ava's own TAP reporter gives its titles", async (t) => {
  const { default: prefixTitle } = await import(
    join(root, "node_modules/ava/lib/reporters/prefix-title.js")
  );
  const planned = (await readdir(join(root, "test"), { recursive: true }))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `test/${file}`);
  const files = new TestFiles(planned);
  for (const file of planned) {
    const before = files.withoutResult;
    files.seen(prefixTitle(["ts"], join(root, "test/"), join(root, file), "a title › of its own"));
    t.deepEqual(
      before.filter((each) => !files.withoutResult.includes(each)),
      [file],
    );
  }
});

test("files that share more than the first folder are distinguished by the rest", (t) => {
  const files = new TestFiles(["test/lab/a.test.ts", "test/lab/b.test.ts"]);
  files.seen("a › one");
  t.deepEqual(files.withoutResult, ["test/lab/b.test.ts"]);
});

test("a file that could not be loaded, and is named as a whole, is no second failure", (t) => {
  const files = new TestFiles(["test/a.test.ts", "test/b.test.ts"]);
  files.seen("test/b.test.ts exited with a non-zero exit code: 1");
  t.deepEqual(files.withoutResult, ["test/a.test.ts"]);
});

test("one file alone has no prefix", (t) => {
  const files = new TestFiles(["test/a.test.ts"]);
  files.seen("a title");
  t.deepEqual(files.withoutResult, []);
});
