import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runSplitGrid, type SplitRow, splitTable } from "./split-grid.ts";

const head = `# Split mode: packets counted outside the appliance

\`npm run matrix:split\` boots the appliance in the lab and counts, at the segments' ends of its two cards, what leaves it while nmap scans as the
scan's user and the agent calls home: each kind of scan in IPv4 and IPv6, with addresses by DHCP and router advertisements and with static ones, with a card
without a link, and after the roles were swapped. Then scans that are told to go out by the WAN's card. Astray is a scan's packet on WAN or any other
packet on LAN; what every card has to say for itself, whoever uses it, is listed in [split.md](split.md) and not counted. "Stopped" is what the
appliance's own guards counted. \`npm test\` runs a sample (test/lab/split-count.test.ts, split-changes.test.ts).
`;

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
const told = ({ addresses, state, scan, fault }: SplitRow) =>
  process.stdout.write(`${addresses}, ${state}, ${scan}: ${fault ?? "as it should be"}\n`);
const rows = await runSplitGrid(told);
const wrong = rows.filter(({ fault }) => fault !== null).length;
const table = `${splitTable(rows)}\n\n${rows.length} rows, ${wrong} wrong.`;
process.stdout.write(`${table}\n`);
if (values.write)
  await writeFile(
    fileURLToPath(new URL("../../docs/measured/matrix-split.md", import.meta.url)),
    `${head}\n${table}\n`,
  );
process.exitCode = wrong === 0 ? 0 : 1;
