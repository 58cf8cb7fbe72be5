import type { PlannedShard } from "../../scan/engine.ts";
import type { Phase } from "../../scan/schemas.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { SpooledPlan, SpooledShard } from "../spool/schemas.ts";

/** A phase's shards that run, and their records. A shard that was divided stands as its pieces. */
export interface PhaseShards {
  phase: Phase;
  shards: readonly PlannedShard[];
}

/**
 * The shards of a job as its folder has them: what was planned, what was divided, and the records of
 * those that ended.
 */
export class JobShards {
  readonly #folder: JobFolder;
  readonly #records = new Map<number, SpooledShard>();
  readonly #phases = new Map<Phase, PlannedShard[]>();
  /** Pieces by the number of the shard that was divided. */
  readonly #pieces = new Map<number, readonly PlannedShard[]>();
  #plan: SpooledPlan | null = null;
  #next = 0;

  constructor(folder: JobFolder) {
    this.#folder = folder;
  }

  get plan(): SpooledPlan | null {
    return this.#plan;
  }

  get records(): ReadonlyMap<number, SpooledShard> {
    return this.#records;
  }

  /** Shards are numbered across all phases of a job, so that each has files of its own. */
  get next(): number {
    return this.#next;
  }

  /** Reads what the folder has. A services phase without ports is of a version without that phase. */
  async load(): Promise<void> {
    this.#plan = await this.#folder.plan();
    if (this.#plan) await this.#add("discover", this.#plan.shards);
    const ports = await this.#folder.shardsOf("ports");
    const services = await this.#folder.shardsOf("services");
    if (ports) await this.#add("ports", ports.shards);
    if (ports && services) await this.#add("services", services.shards);
    for (const { shard } of services?.shards ?? []) this.#count(shard);
  }

  async setPlan(plan: SpooledPlan): Promise<void> {
    await this.#folder.writePlan(plan);
    this.#plan = plan;
    await this.#add("discover", plan.shards);
  }

  async setPhase(phase: "ports" | "services", shards: PlannedShard[]): Promise<void> {
    await this.#folder.writeShardsOf(phase, { shards });
    await this.#add(phase, shards);
  }

  /** A phase's shards, divided ones as their pieces; null when it was not planned yet. */
  ofPhase(phase: Phase): PlannedShard[] | null {
    return this.#phases.get(phase)?.flatMap((shard) => this.#leaves(shard)) ?? null;
  }

  all(): PhaseShards[] {
    return [...this.#phases.keys()].map((phase) => ({ phase, shards: this.ofPhase(phase) ?? [] }));
  }

  /** Durably; from then on the shard stands as its pieces. */
  async divide(shard: number, pieces: readonly PlannedShard[]): Promise<void> {
    for (const piece of pieces) this.#count(piece.shard);
    await this.#folder.writeSplit(shard, { shards: [...pieces] });
    this.#pieces.set(shard, pieces);
  }

  async record(record: Omit<SpooledShard, "parts">): Promise<void> {
    this.#records.set(record.shard, await this.#folder.writeShard(record));
  }

  async #add(phase: Phase, shards: PlannedShard[]): Promise<void> {
    this.#phases.set(phase, shards);
    for (const { shard } of shards) await this.#loadShard(shard);
  }

  async #loadShard(shard: number): Promise<void> {
    this.#count(shard);
    const record = await this.#folder.shard(shard);
    if (record) {
      this.#records.set(shard, record);
      return;
    }
    const split = await this.#folder.split(shard);
    if (!split) return;
    this.#pieces.set(shard, split.shards);
    for (const piece of split.shards) await this.#loadShard(piece.shard);
  }

  #leaves(planned: PlannedShard): PlannedShard[] {
    const pieces = this.#pieces.get(planned.shard);
    return pieces ? pieces.flatMap((piece) => this.#leaves(piece)) : [planned];
  }

  #count(shard: number): void {
    this.#next = Math.max(this.#next, shard + 1);
  }
}
