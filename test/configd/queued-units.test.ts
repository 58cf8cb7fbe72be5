import test from "ava";
import { readUnits } from "../../src/configd/machine/systemctl.ts";
import { shardsOf } from "../../src/configd/machine/units.ts";

const job = "8d7b176c-b4d0-4f7e-ba24-2e7c90cc4b7d";
/** As `systemctl show --property=Id,ActiveState,Result,Job` prints it (systemd 257). */
const shown = (shard: number, activeState: string, jobId: string, result = "success") =>
  `Result=${result}\nId=outrider-scan@${job}-${shard}.service\nActiveState=${activeState}\nJob=${jobId}\n`;

test("a unit whose start is queued counts as running: systemctl returned before systemd began", (t) => {
  const units = readUnits(
    [
      shown(0, "inactive", "536"),
      shown(1, "activating", "537"),
      shown(2, "active", ""),
      shown(3, "deactivating", "538"),
      shown(4, "inactive", ""),
      shown(5, "failed", "539", "exit-code"),
      shown(6, "failed", "", "exit-code"),
      shown(7, "inactive", "0"),
    ].join("\n"),
  );
  t.deepEqual(shardsOf(job, units), { running: [0, 1, 2, 3, 5], failed: [6] });
});
