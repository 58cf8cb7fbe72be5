import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runSplitGrid, splitTable } from "./split-grid.ts";
import { motionTable, runSplitMotion } from "./split-motion.ts";

const head = `# Split mode: packets counted outside the appliance

\`npm run matrix:split\` boots the appliance in the lab and counts, at the segments' ends of its two cards, what leaves it. Astray is a scan's packet on WAN,
any other packet on LAN, and anything with an address of the other side; what every card has to say for itself, whoever uses it, is listed in
[split.md](../operate/split.md) and not counted. "Stopped" is what the appliance's own guards counted. \`npm test\` runs a sample
(test/lab/split-count.test.ts, split-changes.test.ts, split-kernel.test.ts, split-motion.test.ts). \`--part still\` and \`--part motion\` run one half.
`;
const still = `## Still

nmap scans as the scan's user and the agent calls home: each kind of scan in IPv4 and IPv6, with addresses by DHCP and router advertisements and with
static ones, with a card without a link, and after the roles were swapped. Then scans that are told to go out by the WAN's card.
`;
const motion = `## In motion

Links are cut, cards pulled and swapped and leases renewed while raw and connect scans of both families and calls home run, and hosts of LAN send
fragments, redirects, leases and router advertisements that lead astray. Hooks of the lab stand before and after the guards in the appliance's network and
know the wrong side by addresses and users, where the guards go by marks: what was there before and not on the wire is what the guards must have counted.
Where the rules are loaded anew ("new rules") the guards begin to count from nothing, and their count is at most that.
`;
const file = fileURLToPath(new URL("../../docs/measured/matrix-split.md", import.meta.url));

const { values } = parseArgs({
  options: { write: { type: "boolean", default: false }, part: { type: "string" } },
});
const tell = (...words: string[]) => process.stdout.write(`${words.join(", ")}\n`);
const wanted = (part: string) => values.part === undefined || values.part === part;

/** The section as the page has it, for the part that is not run. */
async function asWritten(title: string): Promise<string> {
  const sections = (await readFile(file, "utf8")).split(/^(?=## )/m);
  return sections.find((each) => each.startsWith(title))?.trimEnd() ?? "";
}

let wrong = 0;
function section(text: string, table: string, faults: readonly (string | null)[]): string {
  const bad = faults.filter((fault) => fault !== null && fault !== "").length;
  wrong += bad;
  return `${text}\n${table}\n\n${faults.length} rows, ${bad} wrong.`;
}

const sections: string[] = [];
if (wanted("still")) {
  const rows = await runSplitGrid(({ addresses, state, scan, fault }) =>
    tell(addresses, state, scan, fault ?? "as it should be"),
  );
  sections.push(
    section(
      still,
      splitTable(rows),
      rows.map(({ fault }) => fault),
    ),
  );
} else sections.push(await asWritten("## Still"));
if (wanted("motion")) {
  const rows = await runSplitMotion(({ addresses, event, faults }) =>
    tell(addresses, event, faults.join("; ") || "as it should be"),
  );
  sections.push(
    section(
      motion,
      motionTable(rows),
      rows.map(({ faults }) => faults.join("; ")),
    ),
  );
} else sections.push(await asWritten("## In motion"));
const page = `${head}\n${sections.join("\n\n")}\n`;
process.stdout.write(page);
if (values.write) await writeFile(file, page);
process.exitCode = wrong === 0 ? 0 : 1;
