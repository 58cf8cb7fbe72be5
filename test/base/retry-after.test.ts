import test from "ava";
import fc from "fast-check";
import { parseRetryAfterMs } from "../../src/base/retry-after.ts";

test("Retry-After is read in both forms, and never longer than an hour", (t) => {
  const now = Date.UTC(2026, 0, 1);
  t.is(parseRetryAfterMs("120", now), 120_000);
  t.is(parseRetryAfterMs("0", now), 0);
  t.is(parseRetryAfterMs("999999", now), 3_600_000);
  t.is(parseRetryAfterMs("Thu, 01 Jan 2026 00:05:00 GMT", now), 300_000);
  t.is(parseRetryAfterMs("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
  for (const nonsense of [undefined, "", "-5", "soon", "1e3", "12.5", "2026-01-01"])
    t.is(parseRetryAfterMs(nonsense, now), undefined, nonsense);
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const waitMs = parseRetryAfterMs(text, now);
      t.true(waitMs === undefined || (waitMs >= 0 && waitMs <= 3_600_000));
    }),
  );
});
