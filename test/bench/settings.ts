import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startLab } from "../../image/lab/lab.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";

/**
 * `npm run bench:settings [-- --write]`: how long a change of the settings takes until it works and
 * is kept, against netplan's own commands for the same change in the same run.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    write: { type: "boolean", default: false },
  },
});
const aimedRatio = 1.5;

interface Results {
  bareMs: number[];
  changes: { activeMs: number; keepMs: number; checksMs: number }[];
}

const lab = await startLab({
  targets: false,
  platform: false,
  openConsole: ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
});
let results: Results;
try {
  await lab.appliance.start();
  await lab.appliance.booted();
  const program = await readFile(new URL("settings-inside.ts", import.meta.url), "utf8");
  const command = [
    "env",
    `ROUNDS=${values.rounds}`,
    "/usr/lib/outrider/node",
    "--no-warnings",
    "--input-type=module-typescript",
    "-",
  ];
  const { stdout } = await lab.appliance.exec(command, { input: program, timeoutMs: 30 * 60_000 });
  results = JSON.parse(stdout) as Results; // the program beside this one wrote it
} finally {
  await lab.stop();
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const at = (numbers: readonly number[], share: number) => {
  const all = sorted(numbers);
  return all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN;
};
const bare = results.bareMs;
const active = results.changes.map(({ activeMs }) => activeMs);
const kept = results.changes.map(({ keepMs }) => keepMs);
const rows: [string, number[]][] = [
  ["netplan's generator and `networkctl reload`, until the address is there", bare],
  ["configd: from the wish until the address is there, with the reverter armed", active],
  [
    "configd: keep, which changes nothing that works: until it is on the disk and the timer is gone",
    kept,
  ],
];
const table = [
  "| what | median ms | 90 % within ms | against netplan |",
  "|---|---:|---:|---:|",
  ...rows.map(
    ([what, numbers]) =>
      `| ${what} | ${at(numbers, 0.5).toFixed(0)} | ${at(numbers, 0.9).toFixed(0)} | ${(at(numbers, 0.5) / at(bare, 0.5)).toFixed(2)} |`,
  ),
].join("\n");
const ratio = at(active, 0.5) / at(bare, 0.5);
const verdict = `Aim: working within ${aimedRatio} times the time of netplan's own commands. Measured: ${ratio.toFixed(2)}, which is ${ratio <= aimedRatio ? "within" : "MORE"}.`;
const machine = `${bare.length} changes each, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)} at the end.`;
process.stdout.write(`${table}\n\n${verdict}\n${machine}\n`);
if (values.write) {
  const head = `# Benchmark: a change of the settings

\`npm run bench:settings\` boots the appliance in the lab and changes the LAN's static address by turns: by writing netplan's file and running
\`netplan generate && networkctl reload\` (the generator itself: the appliance has no Python for its shell), and by configd's own transaction (tried, then kept) as console and command line do it. The clock stops
when the kernel has the address. The checks of the path before a change are left out: they take as long as the path does. (Rendering and netplan's
generator run while they do, and count only as far as they take longer.)
`;
  await writeFile(
    fileURLToPath(new URL("../../docs/measured/bench-settings.md", import.meta.url)),
    `${head}\n${table}\n\n${verdict} ${machine}\n`,
  );
}
process.exitCode = Number.isFinite(ratio) && ratio <= aimedRatio ? 0 : 1;
