import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { HostObservation } from "../../protocol/schemas/results.ts";
import { type Engine, type EngineRun, readAll } from "../../scan/engine.ts";
import type { ReadAnswer, ReadOrder } from "../../scan/read/schemas.ts";
import { validators } from "../../scan/read/validators.ts";
import { linesOf } from "./lines.ts";
import type { ReaderProcess, StartReader } from "./reader-process.ts";
import { openSharedFile } from "./shared-file.ts";

/** What is taken in of one output. */
export interface ReadBounds {
  hosts: number;
  ports: number;
  /** Bytes of all that the reader says. */
  bytes: number;
  /** Of one host: with 65,536 ports it has some 16 MB. */
  lineBytes: number;
  readMs: number;
}

/** Two hosts that answer on every port; a discovery of 1024 addresses is 0.3 MB. */
export const usualBounds: ReadBounds = {
  hosts: 5000,
  ports: 2 ** 18,
  bytes: 64 * 2 ** 20,
  lineBytes: 32 * 2 ** 20,
  readMs: 300_000,
};

/** For an output over which the agent was ended once: enough for every usual shard. */
export const carefulBounds: ReadBounds = {
  hosts: 5000,
  ports: 2 ** 15,
  bytes: 8 * 2 ** 20,
  lineBytes: 4 * 2 ** 20,
  readMs: 300_000,
};

export interface Reading {
  /** Those before the fault, when there is one. */
  hosts: HostObservation[];
  /** Null after a fault, and for what a program printed. */
  run: EngineRun | null;
  fault: Fact | null;
}

export interface OutputReaderParts {
  start: StartReader;
  clock: Clock;
  log: Log;
  bounds?: { usual: ReadBounds; careful: ReadBounds };
}

const startRetryMs = 2000;

/** Has what engines wrote read by a process of its own, and checks what that process says. */
export class OutputReader {
  readonly #parts: OutputReaderParts;
  /** One at a time: what is read is kept in memory until it is in the spool. */
  readonly #queue = new SerialQueue();

  constructor(parts: OutputReaderParts) {
    this.#parts = parts;
  }

  /** Never rejects for what is in the file; rejects when `signal` is aborted. */
  read(
    engine: Engine,
    what: ReadOrder["what"],
    path: string,
    { careful = false }: { careful?: boolean },
    signal: AbortSignal,
  ): Promise<Reading> {
    const { usual, careful: few } = this.#parts.bounds ?? {
      usual: usualBounds,
      careful: carefulBounds,
    };
    return this.#queue.run(() => this.#read(engine, what, path, careful ? few : usual, signal));
  }

  async #read(
    engine: Engine,
    what: ReadOrder["what"],
    path: string,
    bounds: ReadBounds,
    signal: AbortSignal,
  ): Promise<Reading> {
    signal.throwIfAborted();
    let bytes: AsyncIterable<Uint8Array>;
    try {
      bytes = (await openSharedFile(path)).createReadStream();
    } catch (error) {
      return await nothingToRead(engine, what, error);
    }
    const reader = await this.#start(signal);
    const late = AbortSignal.timeout(bounds.readMs);
    const stop = AbortSignal.any([signal, late]);
    const end = () => reader.end();
    stop.addEventListener("abort", end, { once: true });
    const sent = send(reader.input, { engine: engine.name, what }, bytes);
    const found: Reading = { hosts: [], run: null, fault: null };
    try {
      found.fault = await takeIn(reader, engine, what, bounds, found);
    } finally {
      stop.removeEventListener("abort", end);
      end();
      await sent;
    }
    signal.throwIfAborted();
    if (found.fault !== null && late.aborted)
      found.fault = fact("reader-slow", { seconds: bounds.readMs / 1000 });
    return found;
  }

  /** A reader that cannot be started is no fault of the output: it is waited for. */
  async #start(signal: AbortSignal): Promise<ReaderProcess> {
    const { start, clock, log } = this.#parts;
    for (;;) {
      try {
        return await start();
      } catch (error) {
        log.warning("the reader of scan output cannot be started, it is tried again", {
          error: error instanceof Error ? error.message : String(error),
        });
        await clock.sleep(startRetryMs, signal);
      }
    }
  }
}

/** What an engine makes of a file that is not there, or is none. */
async function nothingToRead(
  engine: Engine,
  what: ReadOrder["what"],
  error: unknown,
): Promise<Reading> {
  if (what === "progress") return { hosts: [], run: null, fault: null };
  const refused: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  };
  return { ...(await readAll(engine.read(refused))), fault: null };
}

/** Sends until there is nothing more, or the reader takes no more. */
async function send(
  input: Writable,
  order: ReadOrder,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const closed = new AbortController();
  // A reader that ended: what it said shows how.
  input.on("error", () => undefined);
  input.once("close", () => closed.abort());
  try {
    input.write(`${JSON.stringify(order)}\n`);
    for await (const chunk of bytes) {
      if (closed.signal.aborted) return;
      if (!input.write(chunk)) await once(input, "drain", { signal: closed.signal });
    }
    input.end();
  } catch {
    // The file cannot be read any further, or the reader takes no more: it has what there is.
    input.end();
  }
}

/** Adds to `found` what the reader says; why it is not all, null when it is. */
async function takeIn(
  { output }: ReaderProcess,
  engine: Engine,
  what: ReadOrder["what"],
  bounds: ReadBounds,
  found: Reading,
): Promise<Fact | null> {
  let ports = 0;
  let bytes = 0;
  try {
    for await (const line of linesOf(output, bounds.lineBytes)) {
      bytes += line.length;
      if (bytes > bounds.bytes) return muchFact(bounds.bytes, "bytes");
      const answer = readAnswer(line);
      if (answer === null) return fact("reader-strange");
      if ("run" in answer) return takeRun(answer.run, engine, what, found);
      ports += answer.host.ports.length;
      if (ports > bounds.ports) return muchFact(bounds.ports, "ports");
      if (found.hosts.length >= bounds.hosts) return muchFact(bounds.hosts, "hosts");
      found.hosts.push(answer.host);
    }
  } catch (error) {
    if (error instanceof RangeError) return muchFact(bounds.lineBytes, "bytes");
  }
  return fact("reader-ended");
}

function takeRun(
  value: unknown,
  engine: Engine,
  what: ReadOrder["what"],
  found: Reading,
): Fact | null {
  if (what === "progress") return value === null ? null : fact("reader-strange");
  const run = engine.checkRun(value);
  if (!run.valid) return fact("reader-strange");
  found.run = run.value;
  return null;
}

function readAnswer(line: Buffer): ReadAnswer | null {
  try {
    const value: unknown = JSON.parse(line.toString("utf8"));
    // The check notes every fault that it finds, so its time and memory grow with their number.
    if (hasMore(value, mostPortsOfHost)) return null;
    const answer = validators.ReadAnswer(value);
    return answer.valid ? answer.value : null;
  } catch {
    return null;
  }
}

const mostPortsOfHost = 65_536;

/** Whether a value has a list or an object with more than so many things in it. */
function hasMore(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  const inside: unknown[] = Object.values(value);
  return inside.length > most || inside.some((each) => hasMore(each, most));
}

function muchFact(most: number, what: string): Fact {
  return fact("reader-much", { most, what });
}
