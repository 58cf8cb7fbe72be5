import { goHome } from "../../image/lab/console-keys.ts";
import { labTest, openEnrolledLab } from "../testkit/lab.ts";
import { lastingState } from "../testkit/lab-kill.ts";

labTest("the console, killed in a half-typed form, is back on its screen within seconds and has changed nothing", async (t) => {
  t.timeout(300_000);
  const lab = await openEnrolledLab(t, { targets: false });
  const screen = lab.appliance.console;
  const before = await lastingState(lab);
  await goHome(screen);
  await screen.press("3");
  await screen.waitFor("Outrider - Platform");
  await screen.type("0123");
  await lab.appliance.kill9Unit("outrider-console@console.service");
  await screen.waitFor("Outrider - Home", { timeoutMs: 30_000, what: "a new console on its first screen" });
  // The terminal was left raw; the new one takes keys all the same, and paints no remains.
  await screen.press("?");
  await screen.waitFor((rows) => !rows.join("\n").includes("Outrider - Home"), { what: "a key opens another screen" });
  t.notRegex(screen.screen().join("\n"), /Error|node:|at .*\.js/);
  t.deepEqual(await lastingState(lab), before);
});
