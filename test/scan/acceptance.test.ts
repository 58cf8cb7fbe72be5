import test from "ava";
import { withDetail } from "../../src/base/messages/facts.ts";
import { judgeShard } from "../../src/scan/nmap/acceptance.ts";
import type { NmapRun } from "../../src/scan/nmap/run-schema.ts";

const plan = { targets: ["192.0.2.0/30"], exclusions: ["192.0.2.1"] };
const done = { exitCode: 0, signal: null, errorTail: "" };
const good: NmapRun = {
  version: "7.93",
  skippedTargets: [],
  finished: { exit: "success", errorMessage: "", up: 1, down: 2, total: 3 },
  complete: true,
  problem: null,
};

test("a whole run that reports every address is accepted", (t) => {
  t.deepEqual(judgeShard(plan, done, good), { accepted: true });
});

const refused: [
  string,
  Partial<typeof good>,
  { exitCode?: number | null; signal?: string | null },
  RegExp,
][] = [
  ["a signal", {}, { signal: "SIGKILL", exitCode: null }, /SIGKILL/],
  [
    "another exit code",
    { finished: { exit: "error", errorMessage: "QUITTING", up: 0, down: 0, total: 0 } },
    { exitCode: 1 },
    /QUITTING/,
  ],
  ["no exit code, where nmap could not be started", {}, { exitCode: null }, /code null/],
  ["a cut file", { complete: false }, {}, /cut off/],
  ["unreadable XML", { problem: "unclosed tag" }, {}, /unclosed tag/],
  [
    "an error that is in the XML only",
    { finished: { exit: "error", errorMessage: "no route", up: 1, down: 2, total: 3 } },
    {},
    /no route/,
  ],
  ["a skipped target", { skippedTargets: ["192.0.2.2"] }, {}, /skipped 192.0.2.2/],
  [
    "a missing address",
    { finished: { exit: "success", errorMessage: "", up: 1, down: 1, total: 2 } },
    {},
    /2 addresses, 3 were asked/,
  ],
  [
    "missing counts",
    { finished: { exit: "success", errorMessage: "", up: -1, down: -1, total: -1 } },
    {},
    /addresses/,
  ],
];

for (const [title, run, end, reason] of refused) {
  test(`a run with ${title} is refused`, (t) => {
    const verdict = judgeShard(plan, { ...done, ...end }, { ...good, ...run });
    t.regex(verdict.accepted ? "" : withDetail(verdict.reason).detail, reason);
  });
}
