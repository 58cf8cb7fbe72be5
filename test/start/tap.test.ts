import test from "ava";
import { TapCounter } from "../../image/start/tap.ts";

test("passed, failed and skipped tests are counted, and the words between them passed over", (t) => {
  const counter = new TapCounter();
  const lines = [
    "TAP version 13",
    "ok 1 - one",
    "not ok 2 - two",
    "  ---",
    "    message: ok 9 - inside",
    "ok 3 - three # SKIP",
    "ok 4 - four # TODO later",
    "1..4",
  ];
  const shown = lines.map((line) => counter.take(line)).filter((line) => line !== null);
  t.deepEqual(
    { ...counter },
    { passed: 1, failed: 1, skipped: ["three", "four"], failures: ["two"] },
  );
  t.deepEqual(shown, ["FAILED  two"]);
});
