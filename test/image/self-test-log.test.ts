import test from "ava";
import { parseSelfTest } from "../../image/build/self-test-log.ts";

test("an appliance that found itself in order has passed", (t) => {
  t.deepEqual(
    parseSelfTest("noise\r\nselftest: ok: a\r\nselftest: ok: b\r\nselftest: passed 2 checks\r\n"),
    { passed: true, checks: 2, failures: [] },
  );
});

test("a failed check is reported with its own output", (t) => {
  t.deepEqual(
    parseSelfTest("selftest: FAILED: nothing listens: tcp 22\nselftest: failed 1 of 5 checks\n"),
    {
      passed: false,
      checks: 5,
      failures: ["nothing listens: tcp 22"],
    },
  );
});

test("an answer that does not come to its end is none", (t) => {
  t.is(parseSelfTest(""), undefined);
  t.is(parseSelfTest("selftest: ok: a\nselftest: ok: b\n"), undefined);
});

test("a sum that hides a failure is not believed", (t) => {
  t.false(parseSelfTest("selftest: FAILED: a: b\nselftest: passed 2 checks\n")?.passed);
  t.false(parseSelfTest("selftest: passed 0 checks\n")?.passed);
});
