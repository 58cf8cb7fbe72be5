import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolderDurably, removeAbandoned, writeDurably } from "../base/durable-file.ts";
import type { UpdateRecord } from "./schemas.ts";
import { validators } from "./validators.ts";

const nothing: UpdateRecord = { version: 1, pending: null, refused: null };

/** The driver's record of one kind, on the disk before each step. */
export class RecordFile {
  readonly #path: string;
  #record = nothing;

  constructor(path: string) {
    this.#path = path;
  }

  get current(): UpdateRecord {
    return this.#record;
  }

  /**
   * Reads the record of an earlier process. A damaged file counts as missing: the consumer knows
   * the set in use, and the next offer begins again.
   */
  async open(): Promise<void> {
    const folder = dirname(this.#path);
    await makeFolderDurably(folder, 0o750);
    await removeAbandoned(folder);
    const text = await readFile(this.#path, "utf8").catch(() => "null");
    try {
      const read = validators.UpdateRecord(JSON.parse(text));
      this.#record = read.valid ? read.value : nothing;
    } catch {
      this.#record = nothing;
    }
  }

  /** On the disk when this resolves, also after a power cut. */
  async change(change: Partial<Omit<UpdateRecord, "version">>): Promise<void> {
    const record = { ...this.#record, ...change };
    await writeDurably(this.#path, JSON.stringify(record), { mode: 0o640 });
    this.#record = record;
  }
}
