import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const keptLogs = 20;

/** A log of `npm start` and `npm test` in the cache folder, for finding out why a run failed. */
export class EventLog {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #startedMs = performance.now();

  private constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path, { flags: "a", mode: 0o600 });
    // A full disk must not end the run.
    this.#stream.on("error", () => undefined);
  }

  static async open(folder: string, name: string): Promise<EventLog> {
    await mkdir(folder, { recursive: true });
    const mine = (await readdir(folder)).filter((each) => each.startsWith(`${name}-`)).sort();
    for (const old of mine.slice(0, -keptLogs + 1)) await rm(join(folder, old), { force: true });
    const moment = new Date().toISOString().replace(/[:.]/g, "-");
    return new EventLog(join(folder, `${name}-${moment}.log`));
  }

  seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  write(text: string): void {
    this.#stream.write(
      `${this.seconds().toFixed(1).padStart(7)}  ${text.replace(/\n/g, "\n         ")}\n`,
    );
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(resolve));
  }
}
