import { readFile } from "node:fs/promises";
import { writeDurably } from "../../base/durable-file.ts";
import type { Settings } from "../../settings/model/schema.ts";
import { readZeroTouch, type ZeroTouchReading } from "../../settings/zero-touch/read.ts";
import { emptyZeroTouchReport, type ZeroTouchReport } from "../../settings/zero-touch/report.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { System } from "../machine/system.ts";
import { validators } from "../state/validators.ts";

/** What hypervisor and volumes gave, read once, and again only when somebody asks. */
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
    const text = await readFile(this.#path, "utf8").catch(() => "null");
    const report = validators.ZeroTouchReport(parseJson(text));
    return report.valid ? report.value : emptyZeroTouchReport;
  }

  /** At the start: null when it was read before. */
  async readFirst(present: Settings): Promise<ZeroTouchReading | null> {
    if ((await this.report()).readAt !== null) return null;
    return readZeroTouch(await this.#system.zeroTouchDocuments(false), present, this.#nowMs());
  }

  async readAnew(present: Settings): Promise<ZeroTouchReading> {
    const reading = readZeroTouch(
      await this.#system.zeroTouchDocuments(true),
      present,
      this.#nowMs(),
    );
    await this.write(reading.report);
    return reading;
  }

  /** Somebody has looked: what was wrong and what was blank is not told of any more. */
  async settled(): Promise<ZeroTouchReport> {
    const report = await this.report();
    if (report.problems.length + report.notes.length === 0) return report;
    const { noteFacts: _, ...others } = report;
    const settled = { ...others, problems: [], notes: [] };
    await this.write(settled);
    return settled;
  }

  /** From now on it is not read any more at a start. */
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
