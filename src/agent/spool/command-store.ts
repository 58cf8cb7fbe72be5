import { join } from "node:path";
import type { Command } from "../../protocol/schemas/commands.ts";
import { readChecked, writeChecked } from "./checked-file.ts";
import type { SpooledCommand } from "./command-schema.ts";
import type { SpoolFiles } from "./files.ts";
import { validators } from "./validators.ts";

/**
 * An expired command's id is kept for this long: a clock that was set back must not let it in
 * again.
 */
const keptAfterExpiryMs = 86_400_000;

/**
 * spool/commands: which commands came, and how far they are. What is known here was on the disk
 * first.
 */
export class CommandStore {
  readonly #folder: string;
  readonly #files: SpoolFiles;
  readonly #records = new Map<string, SpooledCommand>();
  /** Known by their names only: their files are damaged. */
  readonly #damaged = new Set<string>();

  constructor(folder: string, files: SpoolFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  async open(): Promise<void> {
    await this.#files.makeFolder(this.#folder);
    for (const name of await this.#files.list(this.#folder)) {
      const id = /^([0-9a-f-]{36})\.json$/.exec(name)?.[1];
      if (id === undefined) continue;
      const read = await readChecked(
        this.#files,
        join(this.#folder, name),
        validators.SpooledCommand,
      );
      if (read.kind === "value") this.#records.set(id, read.value);
      else this.#damaged.add(id);
    }
  }

  /** In the order in which they came. */
  list(): SpooledCommand[] {
    return [...this.#records.values()].sort(
      (a, b) => a.takenAt - b.takenAt || a.command.createdAt - b.command.createdAt,
    );
  }

  find(id: string): SpooledCommand | undefined {
    return this.#records.get(id);
  }

  /** It was taken once, and how far it came cannot be read any more. */
  isDamaged(id: string): boolean {
    return this.#damaged.has(id) && !this.#records.has(id);
  }

  async write(record: SpooledCommand): Promise<SpooledCommand> {
    await writeChecked(this.#files, this.#pathOf(record.command), record);
    this.#records.set(record.command.id, record);
    return record;
  }

  /** Forgets what was given to somebody else. */
  async keepOnly(applianceId: string): Promise<void> {
    const others = this.list().filter((record) => record.applianceId !== applianceId);
    // First of all in memory: a file that cannot be removed is not carried out either.
    for (const { command } of others) this.#records.delete(command.id);
    for (const { command } of others) await this.#files.remove(this.#pathOf(command));
  }

  /** Forgets what can come again no more. */
  async prune(nowMs: number): Promise<void> {
    for (const { command, state } of this.list()) {
      if (isOpen(state) || command.expiresAt + keptAfterExpiryMs > nowMs) continue;
      await this.#files.remove(this.#pathOf(command));
      this.#records.delete(command.id);
    }
  }

  #pathOf({ id }: Command): string {
    return join(this.#folder, `${id}.json`);
  }
}

/** Something is left to be done or told. */
export function isOpen(state: SpooledCommand["state"]): boolean {
  return state !== "reported" && state !== "unwanted";
}
