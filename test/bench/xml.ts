import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { nmapXml } from "./xml-file.ts";

/**
 * `npm run bench:xml`: how quickly nmap's XML is read beside the bare parser, and what memory a file of
 * 1 GB takes. `--write` writes the table to docs/measured/bench-xml.md.
 */
const rounds = 5;
const fileBytes = 110e6;
const largeBytes = 2 ** 30;
const leastRatio = 0.7;
const mostMegabytes = 150;
const program = fileURLToPath(new URL("xml-run.ts", import.meta.url));
/** As in outrider-reader@.service. */
const flags = ["--max-old-space-size=96", "--max-semi-space-size=8"];

interface Run {
  hosts: number;
  problem: string | null;
  seconds: number;
  megabytes: number;
}

async function measure(way: "bare" | "reader", what: string): Promise<Run> {
  const { stdout } = await execa(process.execPath, [...flags, program, way, what]);
  const run: Run = JSON.parse(stdout);
  if (run.problem !== null) throw new Error(run.problem);
  return run;
}

const folder = await mkdtemp(join(tmpdir(), "outrider-bench-xml-"));
const rows: string[] = [];
const ratios: number[] = [];
try {
  const file = join(folder, "1.xml");
  await pipeline(Readable.from(nmapXml(fileBytes)), createWriteStream(file));
  for (let round = 1; round <= rounds; round++) {
    const bare = await measure("bare", file);
    const reader = await measure("reader", file);
    if (bare.hosts !== reader.hosts) throw new Error(`${reader.hosts} of ${bare.hosts} hosts`);
    const ratio = bare.seconds / reader.seconds;
    ratios.push(ratio);
    const row = [
      round,
      seconds(bare),
      seconds(reader),
      ratio.toFixed(2),
      megabytes(bare),
      megabytes(reader),
    ];
    rows.push(`| ${row.join(" | ")} |`);
  }
} finally {
  await rm(folder, { recursive: true });
}
const large = await measure("reader", String(largeBytes));
const median = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
const page = `# Reading of scan output

Written by \`npm run bench:xml\`: an nmap XML file of ${Math.round(fileBytes / 1e6)} MB, with 20 services a host, read by saxes alone with a handler that
counts the hosts, and by the reader (\`src/scan/nmap/xml.ts\`), in turns, with the options of outrider-reader@.service.
Processor time of the program, its start included. At least ${leastRatio} of the bare parser's speed and at most ${mostMegabytes} MB are wanted.

| round | saxes | reader | of its speed | saxes, memory | reader, memory |
|---:|---:|---:|---:|---:|---:|
${rows.join("\n")}

Median: ${median.toFixed(2)} of the bare parser's speed. A file of 1 GiB with ${large.hosts.toLocaleString("en")} hosts: ${seconds(large)}, ${megabytes(large)} at most.
`;
process.stdout.write(page);
if (process.argv.includes("--write"))
  await writeFile(new URL("../../docs/measured/bench-xml.md", import.meta.url), page);
if (median < leastRatio || large.megabytes > mostMegabytes) process.exitCode = 1;

function seconds(run: Run): string {
  return `${run.seconds.toFixed(1)} s`;
}

function megabytes(run: Run): string {
  return `${Math.round(run.megabytes)} MB`;
}
