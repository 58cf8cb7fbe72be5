import { labTest, openLab } from "../testkit/lab/lab.ts";
import { cutTable, firstSettings, keepBeforeStart, killAtSteps } from "./settings-kill.ts";

labTest(
  "the plug pulled at some steps of a change of settings: what is kept is active, and both cards answer",
  async (t) => {
    t.timeout(280_000);
    const lab = await openLab(t, { targets: false });
    await keepBeforeStart(lab, firstSettings);
    await lab.appliance.start();
    await lab.appliance.booted();
    const results = await killAtSteps(lab, { seed: 20_261_122, points: 3 });
    t.deepEqual(
      results.filter(({ fault }) => fault !== null),
      [],
      cutTable(results),
    );
    t.is(results.length, 3);
  },
);
