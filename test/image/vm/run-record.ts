import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { TestRun } from "../../../image/build/test-run-page.ts";
import { dist } from "../built/ova-disk.ts";

/**
 * The observations of a run with their times, for docs/ and for debugging a failure: such a run
 * takes minutes.
 */
export class RunRecord {
  readonly #t: ExecutionContext;
  readonly #path: string;
  readonly #run: TestRun;
  #startedMs = performance.now();

  private constructor(t: ExecutionContext, name: string, title: string) {
    this.#t = t;
    this.#path = join(dist, "test-run", name);
    this.#run = { title, steps: [] };
  }

  static async begin(t: ExecutionContext, name: string, title: string): Promise<RunRecord> {
    const record = new RunRecord(t, name, title);
    await mkdir(join(dist, "test-run"), { recursive: true });
    await writeFile(`${record.#path}.txt`, "");
    return record;
  }

  /** The machine's clock begins here. */
  poweredOn(): void {
    this.#startedMs = performance.now();
  }

  async step(what: string, screen: readonly string[]): Promise<void> {
    const afterSeconds = Math.round((performance.now() - this.#startedMs) / 1000);
    this.#t.log(`${what} after ${afterSeconds} s`);
    this.#run.steps.push({ what, afterSeconds });
    await appendFile(
      `${this.#path}.txt`,
      `${what} after ${afterSeconds} s\n${screen.join("\n")}\n`,
    );
  }

  /** Only a run that came to its end is shown in docs/. */
  async end(): Promise<void> {
    await writeFile(`${this.#path}.json`, `${JSON.stringify(this.#run, null, 2)}\n`);
  }
}
