import test from "ava";
import { reverterProperties } from "../../src/configd/machine/reverter-properties.ts";
import {
  exposedUnits,
  exposureOf,
  hasAnalyzer,
  serviceLines,
} from "../testkit/image/exposed-units.ts";

const there = hasAnalyzer ? test : test.skip;

for (const unit of exposedUnits())
  there(
    `systemd finds the unit of ${unit.name} little exposed (skipped without systemd-analyze)`,
    (t) => {
      const { score, text } = exposureOf(unit);
      t.true(score <= unit.most, `${unit.name}: ${score}\n${text}`);
      // The appliance's systemd is newer than some on which this runs.
      if (unit.kind === "transient") t.notRegex(text, /Unknown key|Failed to parse|ignoring/i);
    },
  );

test("what takes a change of the network back may do what configd may, and no more", (t) => {
  const itsOwn = /^(Type|ExecStart|Restart|RestartSec)=/;
  t.deepEqual(
    [...reverterProperties],
    serviceLines("outrider-configd.service").filter((line) => !itsOwn.test(line)),
  );
});
