import test from "ava";
import { parseTapLine, TapCounter } from "../../image/start/tap.ts";

test("passed, failed and skipped tests are counted, and the lines between them are ignored", (t) => {
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
  for (const line of lines) {
    const result = parseTapLine(line);
    if (result !== null) counter.count(result);
  }
  t.deepEqual(
    { ...counter },
    { passed: 1, failed: 1, skipped: ["three", "four"], failures: ["two"] },
  );
});
