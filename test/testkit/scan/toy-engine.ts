import { fileURLToPath } from "node:url";
import { Type } from "@sinclair/typebox";
import { countAddresses, prefixesOf, splitRanges } from "../../../src/base/addresses/ranges.ts";
import { plannedRanges } from "../../../src/base/addresses/scan-targets.ts";
import { fact } from "../../../src/base/messages/facts.ts";
import { compileValidators } from "../../../src/base/validation.ts";
import type { Engine, EngineRun } from "../../../src/scan/engine.ts";
import { rangesOf } from "../../../src/scan/plan.ts";

interface ToyRun extends EngineRun {
  /** Addresses that the toy reports to have scanned; null when the file has no last line. */
  scanned: number | null;
}

const validators = compileValidators({
  ToyRun: Type.Object({
    version: Type.String(),
    scanned: Type.Union([Type.Integer(), Type.Null()]),
  }),
});

const addressesPerShard = 8;

/**
 * The smallest engine that shows the whole seam, for tests. Its program finds every even address
 * and writes a line of JSON for each.
 */
export const toy: Engine<ToyRun> = {
  name: "toy",
  command: fileURLToPath(new URL("toy-program.ts", import.meta.url)),
  packages: [],
  versionArguments: ["--version"],
  readVersion: (output) => /^toy (\S+)/.exec(output)?.[1] ?? null,
  phases: ["discover", "ports", "services"],
  outputEnding: "ndjson",
  plan: ({ phase, scan, hosts, firstShard }) => {
    const ranges =
      phase === "discover"
        ? rangesOf(scan)
        : plannedRanges(
            hosts.map(({ address }) => address),
            scan.exclusions,
          );
    return [...splitRanges(ranges, addressesPerShard)].map((piece, index) => ({
      shard: firstShard + index,
      phase,
      engine: "toy",
      targets: [...prefixesOf(piece)],
      addresses: countAddresses(piece),
    }));
  },
  split: () => [],
  duration: () => ({ packets: { best: 0, worst: 0 }, seconds: { best: 0, worst: 1 } }),
  deadlineSeconds: () => 60,
  arguments: ({ phase }, { targets, exclusions, output }) => [phase, targets, exclusions, output],
  read: async function* (chunks) {
    const run: ToyRun = { version: "", scanned: null };
    let text = "";
    try {
      for await (const chunk of chunks) text += Buffer.from(chunk).toString("utf8");
      for (const line of text.split("\n").filter(Boolean)) {
        const { version, host, scanned } = JSON.parse(line);
        if (typeof version === "string") run.version = version;
        if (typeof scanned === "number") run.scanned = scanned;
        if (host) yield host;
      }
    } catch {
      // A file that is missing or cut has no last line: `scanned` stays null.
    }
    return run;
  },
  checkRun: (value) => validators.ToyRun(value),
  readProgress: async () => [],
  judge: ({ targets, exclusions }, { exitCode }, { scanned }) => {
    const asked = countAddresses(plannedRanges(targets, exclusions));
    if (exitCode !== 0)
      return {
        accepted: false,
        reason: fact("engine-code", { engine: "toy", code: String(exitCode), said: "" }),
        tooMuch: false,
      };
    if (scanned === asked) return { accepted: true };
    return {
      accepted: false,
      reason: fact("engine-counts", { engine: "toy", reported: scanned ?? 0, asked }),
      tooMuch: false,
    };
  },
};
