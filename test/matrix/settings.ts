import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startLab } from "../../image/lab/lab.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";
import {
  type CutResult,
  cutTable,
  firstSettings,
  keepBeforeStart,
  killAtSteps,
} from "./settings-kill.ts";

const head = `# Settings: the plug pulled at every step of a change

\`npm run matrix:settings\` boots the appliance in the lab, with both of its cards in use, and kills it (SIGKILL to all that it runs, at once) at every
step of a change of the settings: tried, kept, reverted, network reset. Where a step is, is seen from outside, by the files that it
leaves; how long after that the plug is pulled, the seed decides. After each start the settings that are kept must be wholly the old or wholly the
new ones (the old ones, unless somebody said keep), they must be active, no trial and no timer may be left, and both cards must answer a ping
with the address that the settings give them. \`-- --seed N --points N\` repeats any run; \`npm test\` runs a few points. Killing a container says nothing
of what reaches the disk: that is tested by replaying every cut of every write (test/configd/crash-replay.test.ts).
`;

const { values } = parseArgs({
  options: {
    points: { type: "string", default: "69" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const points = Number(values.points);
const lab = await startLab({
  targets: false,
  openConsole: ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
});
let results: CutResult[] = [];
try {
  await keepBeforeStart(lab, firstSettings);
  await lab.appliance.start();
  await lab.appliance.booted();
  results = await killAtSteps(lab, {
    seed,
    points,
    tell: ({ operation, step, delayMs, kept, fault }, index) =>
      process.stdout.write(
        `${index} of ${points}: ${operation}, ${step} + ${delayMs} ms: ${kept}${fault === null ? "" : `, WRONG: ${fault}`}\n`,
      ),
  });
} finally {
  await lab.stop();
}
const wrong = results.filter(({ fault }) => fault !== null);
const table = `${cutTable(results)}\n\nSeed ${seed}, ${results.length} cuts, ${wrong.length} wrong.`;
process.stdout.write(`${table}\n`);
if (values.write)
  await writeFile(
    fileURLToPath(new URL("../../docs/measured/matrix-settings.md", import.meta.url)),
    `${head}\n${table}\n`,
  );
process.exitCode = wrong.length === 0 && results.length === points ? 0 : 1;
