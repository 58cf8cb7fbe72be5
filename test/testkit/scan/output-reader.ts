import { fileURLToPath } from "node:url";
import { OutputReader, type ReadBounds } from "../../../src/agent/scan-jobs/output-reader.ts";
import { readerAsChild } from "../../../src/agent/scan-jobs/reader-process.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";

/** Programs of this folder that stand in for the reader's. */
export type ReaderProgram = "toy-reader-main.ts" | "echo-reader-main.ts";

/** The agent's reader with real processes. */
export function processReader(
  program?: ReaderProgram,
  bounds?: { usual: ReadBounds; careful: ReadBounds },
): OutputReader {
  const path = program && fileURLToPath(new URL(program, import.meta.url));
  return new OutputReader({
    start: readerAsChild(path),
    clock: systemClock,
    log: silentLog,
    ...(bounds && { bounds }),
  });
}
