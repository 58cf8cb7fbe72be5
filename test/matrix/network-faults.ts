import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { NetworkFault, Part } from "../testkit/lab/faults/fault.ts";
import { type FaultLab, openFaultLab, openWorld } from "../testkit/lab/faults/fault-lab.ts";
import { idOf, rows } from "../testkit/lab/faults/rows/all.ts";
import { tableOf } from "../testkit/lab/faults/table.ts";
import { type FaultOutcome, undergo } from "../testkit/lab/faults/undergo.ts";

/**
 * `npm run matrix:network-faults` lets one booted appliance undergo every fault, one after the other.
 *
 * - `-- --only TEXT`: only the rows whose name or network has the text; the table stays as it is
 * - `-- --resume`: without the rows that came right in the run before
 * - `-- --part healthy`: one part, as --only
 * - `-- --resume --table`: runs nothing and writes the table of what was run
 * - `-- --shard 1/2`: every second row, for two runs side by side, each with a `--kept` of its own
 */
const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    resume: { type: "boolean", default: false },
    only: { type: "string" },
    part: { type: "string" },
    table: { type: "boolean", default: false },
    shard: { type: "string", default: "1/1" },
    kept: { type: "string", default: join(tmpdir(), "outrider-network-faults.jsonl") },
  },
});

const head = `# Network faults

\`npm run matrix:network-faults\` lets the booted appliance in the lab undergo each fault, call home and run its doctor; \`-- --only TEXT\` restricts it to some rows, \`-- --resume\` leaves out
those that came right in the run before, so that the rows may be of several runs. The agent's time is from being asked to call (or from its start) to the success or the code; the doctor's is its whole run. Both have 15 s.
In each row the two reports are compared: a row is wrong where both cannot be true (\`test/testkit/lab/faults/agreement.ts\`). \`npm test\` runs a sample (\`test/lab/fault.test.ts\`).
`;

interface Kept extends FaultOutcome {
  part: Part;
}

const parts: Part[] = ["healthy", "faults", "survived", "pairs"];
const kept = new Map<string, Kept>();
const keyOf = (part: Part, row: { name: string; network: string }) => `${part}: ${idOf(row)}`;
if (!values.resume) await rm(values.kept, { force: true });
for (const line of (await readFile(values.kept, "utf8").catch(() => "")).split("\n")) {
  if (line === "") continue;
  const outcome: Kept = JSON.parse(line);
  kept.set(keyOf(outcome.part, outcome), outcome);
}

const isWanted = (part: Part, row: NetworkFault) =>
  (values.part === undefined || values.part === part) &&
  (values.only === undefined || keyOf(part, row).includes(values.only)) &&
  kept.get(keyOf(part, row))?.complaint !== null;
/** A change of the settings restarts the agent, so rows of equal ones follow each other. */
const settingsOf = ({ network, proxy }: NetworkFault) => JSON.stringify([network, proxy ?? null]);
const wanted = parts
  .flatMap((part) => rows[part].map((row) => ({ part, row })))
  .filter(({ part, row }) => isWanted(part, row))
  .toSorted(
    (a, b) =>
      (a.row.world ?? "").localeCompare(b.row.world ?? "") ||
      settingsOf(a.row).localeCompare(settingsOf(b.row)),
  );

const [shard = 1, shards = 1] = values.shard.split("/").map(Number);
const each = Math.ceil(wanted.length / shards);
const own = values.table ? [] : wanted.slice((shard - 1) * each, shard * each);

let lab: FaultLab | null = null;
let world: string | null = null;
for (const [index, { part, row }] of own.entries()) {
  const wantedWorld = row.world === undefined ? "" : keyOf(part, row);
  if (world !== wantedWorld) {
    await lab?.stop();
    lab = null;
  }
  world = wantedWorld;
  lab ??= row.world === undefined ? await openFaultLab() : await openWorld(row.world, row.network);
  const startedMs = performance.now();
  let outcome: FaultOutcome;
  try {
    outcome = await undergo(lab, row);
  } catch (error) {
    // What the row left behind may stand in the way of the next ones.
    const complaint = `it could not be carried out: ${error instanceof Error ? error.message : String(error)}`;
    outcome = unfinished(row, complaint);
    await lab.stop();
    lab = null;
  }
  const line: Kept = { part, ...outcome };
  kept.set(keyOf(part, row), line);
  await appendFile(values.kept, `${JSON.stringify(line)}\n`);
  const took = ((performance.now() - startedMs) / 1000).toFixed(0);
  process.stdout.write(
    `${index + 1}/${own.length} ${keyOf(part, row)} [${took} s]: ${outcome.agent || "through"} | ${outcome.doctor || "nothing"} | ${outcome.warnings.join(",")} ${outcome.cured ? "| cured" : ""} ${outcome.complaint ? `WRONG ${outcome.complaint}` : ""}\n`,
  );
}
await lab?.stop();

const all = parts.map((part) => ({
  part,
  outcomes: rows[part].flatMap((row) => kept.get(keyOf(part, row)) ?? []),
}));
const outcomes = all.flatMap((each) => each.outcomes);
const wrong = outcomes.filter(({ complaint }) => complaint !== null);
const total = parts.reduce((sum, part) => sum + rows[part].length, 0);
const isPart = values.only !== undefined || values.part !== undefined || values.shard !== "1/1";
const missing = total - outcomes.length;
const ending = `${outcomes.length} rows, ${wrong.length} wrong${missing === 0 ? "" : `, ${missing} not run`}.\n`;
if (values.write && !isPart)
  await writeFile(
    new URL("../../docs/measured/matrix-network-faults.md", import.meta.url),
    [head, ...all.map((each) => tableOf(each.part, each.outcomes)), ending].join("\n"),
  );
process.stdout.write(`${outcomes.length} rows, ${wrong.length} wrong\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function unfinished({ name, network }: NetworkFault, complaint: string): FaultOutcome {
  const nothing = { agent: "", agentMs: 0, doctor: "", doctorMs: 0, warnings: [], cured: null };
  return { name, network, way: "", kind: "fault", ...nothing, complaint };
}
