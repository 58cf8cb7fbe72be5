import { appendFileSync, readFileSync } from "node:fs";
import { expandTargets } from "../../../src/base/addresses/scan-targets.ts";
import type { HostObservation } from "../../../src/protocol/schemas/results.ts";

/**
 * The toy engine's program: `toy-program.ts PHASE TARGETS EXCLUSIONS OUTPUT`. With
 * OUTRIDER_DESCRIBED_CUT it ends without its last line, as a program that lost its output does.
 */
const [phase = "", targets = "", exclusions = "", output = ""] = process.argv.slice(2);
if (phase === "--version") {
  process.stdout.write("toy 1.0\n");
  process.exit(0);
}

const lines = (path: string) => readFileSync(path, "utf8").split("\n").filter(Boolean);
const write = (line: object) => appendFileSync(output, `${JSON.stringify(line)}\n`);
const isUp = (address: string) => Number(address.split(".").at(-1)) % 2 === 0;

write({ version: "1.0" });
let scanned = 0;
for (const address of expandTargets(lines(targets), lines(exclusions))) {
  scanned++;
  if (!isUp(address)) continue;
  const host: HostObservation = {
    address,
    hostnames: [],
    reason: "toy",
    ports:
      phase !== "discover" ? [{ protocol: "tcp", number: 7, state: "open", reason: "toy" }] : [],
    timedOut: false,
  };
  write({ host });
}
if (process.env.OUTRIDER_DESCRIBED_CUT === undefined) write({ scanned });
