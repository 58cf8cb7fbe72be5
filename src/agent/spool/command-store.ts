import { join } from "node:path";
import type { Command } from "../../protocol/schemas/commands.ts";
import { readChecked, writeChecked } from "./checked-file.ts";
import type { SpooledCommand } from "./command-schema.ts";
import type { SpoolFiles } from "./files.ts";
import { validators } from "./validators.ts";

/**
 * An expired command's id is kept for this time: a clock that is set back must not let the command
 * in again.
 */
const keptAfterExpiryMs = 86_400_000;

/** spool/commands: the commands and their states, each written to the disk first. */
export class CommandStore {
  readonly #folder: string;
  readonly #files: SpoolFiles;
  readonly #records = new Map<string, SpooledCommand>();
  /** Ids of commands whose files are damaged. */
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

  /** In the order in which they were taken. */
  list(): SpooledCommand[] {
    return [...this.#records.values()].sort(
      (a, b) => a.takenAt - b.takenAt || a.command.createdAt - b.command.createdAt,
    );
  }

  find(id: string): SpooledCommand | undefined {
    return this.#records.get(id);
  }

  /** The command was taken once, and its state cannot be read any more. */
  isDamaged(id: string): boolean {
    return this.#damaged.has(id) && !this.#records.has(id);
  }

  async write(record: SpooledCommand): Promise<SpooledCommand> {
    await writeChecked(this.#files, this.#pathOf(record.command), record);
    this.#records.set(record.command.id, record);
    return record;
  }

  /** Drops the commands of another identity. */
  async keepOnly(applianceId: string): Promise<void> {
    const others = this.list().filter((record) => record.applianceId !== applianceId);
    // First in memory: a command whose file cannot be removed must not be carried out either.
    for (const { command } of others) this.#records.delete(command.id);
    for (const { command } of others) await this.#files.remove(this.#pathOf(command));
  }

  /** Drops ended commands that have expired so long ago that they cannot come again. */
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

/** The command is not carried out yet, or its result not reported. */
export function isOpen(state: SpooledCommand["state"]): boolean {
  return state !== "reported" && state !== "unwanted";
}
