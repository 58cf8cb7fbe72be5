import test from "ava";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { KnownIdle } from "../../src/doctor/path/known-idle.ts";
import { platform, run } from "./surroundings.ts";

const told = async (idle: KnownIdle) =>
  (await run({ platform, idle }))
    .filter(({ check }) => check === "idle")
    .map(({ id, subject, outcome, facts }) => [
      id,
      subject,
      outcome,
      describeFacts(facts ?? []) ?? "",
    ]);

const lived = { livedMs: 170_400, endedMs: null, forgottenMs: null };

test("before a connection was idle the doctor says nothing of it", async (t) => {
  t.deepEqual(await told([]), []);
});

test("the doctor says how long idle connections live, by each route, and that is no fault", async (t) => {
  t.deepEqual(
    await told([
      { ...lived, route: "proxy.outrider.test:3128", endedMs: 240_000 },
      { ...lived, route: "direct", forgottenMs: 3_700_000 },
    ]),
    [
      [
        "idle",
        "idle connections, proxy.outrider.test:3128",
        "ok",
        "one still worked after 2 min without traffic; one was closed after 4 min without traffic",
      ],
      [
        "idle:2",
        "idle connections, direct",
        "ok",
        "one still worked after 2 min without traffic; one was forgotten after 61 min without traffic, and nobody said so",
      ],
    ],
  );
});
