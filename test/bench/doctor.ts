import { writeFile } from "node:fs/promises";
import { platformUrl } from "../../image/lab/addresses.ts";
import { startLab } from "../../image/lab/lab.ts";
import { Operator } from "../../image/lab/operator.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";

/**
 * `npm run bench:doctor`: how long the doctor of the booted appliance takes on a healthy network of
 * the lab, beside its slowest check. `--write` writes the table to docs/measured/bench-doctor.md.
 */
const runs = 5;
const mostTimes = 3;

interface Result {
  id: string;
  outcome: string;
  durationMs: number;
}

const lab = await startLab({
  targets: false,
  openConsole: ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
});
const lines: string[] = [];
let worst = 0;
try {
  await lab.appliance.start();
  await lab.appliance.booted();
  const operator = new Operator(lab.platform);
  const { code } = await operator.makeActivationCode("bench");
  await lab.appliance.exec(["outrider", "enrol", platformUrl], { input: `${code}\n` });
  await operator.waitForAppliance(({ heartbeatAt }) => heartbeatAt !== null, "the first heartbeat");
  for (let run = 1; run <= runs; run++) {
    const startedMs = performance.now();
    const { stdout } = await lab.appliance.exec(["outrider", "doctor", "--json"], {
      timeoutMs: 60_000,
    });
    const wallMs = performance.now() - startedMs;
    const { results }: { results: Result[] } = JSON.parse(stdout);
    const bad = results.filter(({ outcome }) => outcome === "failed" || outcome === "warning");
    if (bad.length > 0) throw new Error(`not healthy: ${bad.map(({ id }) => id).join(", ")}`);
    const slowest = results.toSorted((a, b) => b.durationMs - a.durationMs)[0];
    if (slowest === undefined) throw new Error("the doctor has no result");
    const ratio = wallMs / slowest.durationMs;
    worst = Math.max(worst, ratio);
    lines.push(
      `| ${run} | ${seconds(wallMs)} | \`${slowest.id}\` ${seconds(slowest.durationMs)} | ${ratio.toFixed(1)} |`,
    );
  }
} finally {
  await lab.stop();
}
const table = `# The doctor's time

Written by \`npm run bench:doctor\`: the whole of \`outrider doctor\` on a healthy network of the lab, with the start of its
unit and its program, beside its slowest check. At most ${mostTimes} times as long is wanted, since checks that need
nothing of each other run at once.

| run | whole | slowest check | times |
|---:|---:|---|---:|
${lines.join("\n")}
`;
process.stdout.write(table);
if (process.argv.includes("--write"))
  await writeFile(new URL("../../docs/measured/bench-doctor.md", import.meta.url), table);
process.exit(worst > mostTimes ? 1 : 0);

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
