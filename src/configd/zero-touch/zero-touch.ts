import { writeDurably } from "../../base/durable-file.ts";
import { readTextIfPossible } from "../../base/missing-file.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { readZeroTouch, type ZeroTouchReading } from "../../settings/zero-touch/read.ts";
import { emptyZeroTouchReport, type ZeroTouchReport } from "../../settings/zero-touch/report.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { System } from "../machine/system.ts";
import { validators } from "../state/validators.ts";

/** The zero-touch settings, read at the first start, and again only when an operator asks. */
export class ZeroTouch {
  readonly #system: System;
  readonly #path: string;
  readonly #nowMs: () => number;

  constructor(system: System, paths: AppliancePaths, nowMs: () => number) {
    this.#system = system;
    this.#path = paths.zeroTouch.report;
    this.#nowMs = nowMs;
  }

  /** The report of the last reading; `readAt` is null when there was none. */
  async report(): Promise<ZeroTouchReport> {
    const text = await readTextIfPossible(this.#path);
    const report = validators.ZeroTouchReport(parseJson(text ?? "null"));
    return report.valid ? report.value : emptyZeroTouchReport;
  }

  /** For the boot: null when the sources were read at an earlier start. */
  async readFirst(present: Settings): Promise<ZeroTouchReading | null> {
    if ((await this.report()).readAt !== null) return null;
    return readZeroTouch(await this.#system.zeroTouchDocuments(false), present, this.#nowMs());
  }

  /** Has the collector run again, and writes the report. */
  async readAgain(present: Settings): Promise<ZeroTouchReading> {
    const reading = readZeroTouch(
      await this.#system.zeroTouchDocuments(true),
      present,
      this.#nowMs(),
    );
    await this.write(reading.report);
    return reading;
  }

  /** Drops problems and notes from the report, after an operator has seen them. */
  async forgetProblems(): Promise<ZeroTouchReport> {
    const report = await this.report();
    if (report.problems.length + report.notes.length === 0) return report;
    const { noteFacts: _, ...others } = report;
    const remaining = { ...others, problems: [], notes: [] };
    await this.write(remaining);
    return remaining;
  }

  /** Writes the report. Once it is there, no boot reads the sources. */
  async write(report: ZeroTouchReport): Promise<void> {
    await writeDurably(this.#path, JSON.stringify(report), { mode: 0o640 });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
