import { readdir } from "node:fs/promises";
import test from "ava";
import { ignoringAbort } from "../../src/base/aborted.ts";
import { parseJson } from "../../src/base/json.ts";
import { ignoring, isMissing, systemCodeOf } from "../../src/base/missing-file.ts";

const missing = "/nowhere/at/all";

test("only the named system errors are ignored; without names, all of them", async (t) => {
  t.is(await readdir(missing).catch(ignoring("no such folder", "ENOENT")), undefined);
  t.is(await readdir(missing).catch(ignoring("any failure of the disk")), undefined);
  const other = await t.throwsAsync(readdir(missing).catch(ignoring("is it full?", "ENOSPC")));
  t.true(isMissing(other));
});

test("programming errors are never ignored, not even those to which Node gives a code", async (t) => {
  const wrongType: unknown = 5;
  const byNode = await t.throwsAsync(
    async () => readdir(wrongType as string).catch(ignoring("any failure of the disk")),
    { instanceOf: TypeError },
  );
  t.is(systemCodeOf(byNode), null);
  t.throws(() => ignoring("any failure of the disk")(new TypeError("x is not a function")));
  t.is(systemCodeOf("ENOENT"), null);
});

test("the end of a wait is ignored only once its signal is aborted", (t) => {
  const stop = new AbortController();
  t.throws(() => ignoringAbort(stop.signal)(new Error("something else")));
  stop.abort();
  t.is(ignoringAbort(stop.signal)(new Error("aborted")), undefined);
});

test("a text that is not JSON is undefined, which no JSON text is", (t) => {
  t.deepEqual(parseJson('{"a":[1,null]}'), { a: [1, null] });
  for (const text of ["", "{", "undefined", "\u0000"]) t.is(parseJson(text), undefined, text);
});
