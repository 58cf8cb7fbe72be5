import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { asOutriderError, OutriderError } from "../base/messages/error.ts";
import type { ErrorCode } from "../base/messages/error-codes.ts";
import { fact } from "../base/messages/facts.ts";
import { WakeUp } from "../base/wake-up.ts";
import type { ContentFile, ContentSet, FetchedSet, UpdateConsumer } from "./consumer.ts";
import { RecordFile } from "./record-file.ts";
import type { PendingUpdate, RecordedFailure, Step } from "./schemas.ts";

export interface UpdateDriverParts {
  consumer: UpdateConsumer;
  /** content/consumers */
  folder: string;
  /** The path of a fetched file. */
  pathOf(file: ContentFile): string;
  clock: Clock;
  log: Log;
  /** The state changed. */
  changed(): void;
}

export interface DriverState {
  /** The running step and its set. */
  pending: { set: ContentSet; step: Step } | null;
  /** The last set that could not be used, with the reason. */
  refused: { set: ContentSet; failure: RecordedFailure } | null;
}

/** A set is not refused because of these: it is tried again after a while. */
const passing: ReadonlySet<ErrorCode> = new Set(["storage-full", "configd-unreachable"]);
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;
const mostTries = 3;
const dayMs = 24 * 3_600_000;

/**
 * Brings the newest content of one kind into use: verify, install, activate; a failed installation
 * or activation is rolled back. The driver records each step before it begins, so that it resumes
 * after a kill at any point. It finishes a set before it begins the next one.
 */
export class UpdateDriver {
  readonly #parts: UpdateDriverParts;
  readonly #record: RecordFile;
  readonly #wake = new WakeUp();
  #offered: ContentSet | null = null;
  #retryAsked = false;

  constructor(parts: UpdateDriverParts) {
    this.#parts = parts;
    this.#record = new RecordFile(join(parts.folder, `${parts.consumer.kind}.json`));
  }

  get state(): DriverState {
    const { pending, refused } = this.#record.current;
    return {
      pending: pending && { set: this.#setOf(pending.set), step: pending.step },
      refused: refused && { set: this.#setOf(refused.set), failure: refused.failure },
    };
  }

  /** The newest content of this kind, all of it fetched and verified. */
  offer(set: ContentSet): void {
    this.#offered = set;
    this.#wake.raise();
  }

  /** An operator asks for updates: a set that was refused is tried again. */
  retry(): void {
    this.#retryAsked = true;
    this.#wake.raise();
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, consumer } = this.#parts;
    await this.#record.open();
    this.#parts.changed();
    for (let failures = 0; !signal.aborted; ) {
      let waitMs = dayMs;
      this.#wake.clear();
      try {
        await this.#advance(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const { code, detail } = asOutriderError(error);
        waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures++);
        log.warning("update not applied yet", { kind: consumer.kind, code, detail, waitMs });
      }
      await this.#wake.wait(clock, waitMs, signal).catch(() => undefined);
    }
  }

  async #advance(signal: AbortSignal): Promise<void> {
    const { pending } = this.#record.current;
    if (pending) await this.#resume(pending, signal);
    if (this.#retryAsked && this.#record.current.refused) await this.#change({ refused: null });
    this.#retryAsked = false;
    const set = this.#offered;
    if (set === null || set.id === this.#record.current.refused?.set.id) return;
    const { active } = await this.#parts.consumer.state();
    if (active !== set.id) await this.#apply(set, "verify", signal);
  }

  /** Resumes the step that an earlier process began. */
  async #resume(pending: PendingUpdate, signal: AbortSignal): Promise<void> {
    const { step, tries, failure } = pending;
    const set = this.#setOf(pending.set);
    if (step === "rollback") return this.#rollBack(set, failure, signal);
    if (tries < mostTries) return this.#apply(set, step, signal, tries + 1);
    const detail = fact("update-step-cut", { step, times: tries });
    await this.#fail(set, step, new OutriderError("system-failed", { detail }), signal);
  }

  /** Does the steps from `first` on. Rejects when aborted, and for failures that pass. */
  async #apply(set: ContentSet, first: Step, signal: AbortSignal, tries = 1): Promise<void> {
    const { consumer, log, pathOf } = this.#parts;
    const fetched: FetchedSet = { ...set, pathOf };
    let step = first;
    const begin = async (next: Step, nextTries = 1) => {
      step = next;
      await this.#begin({ set: recorded(set), step, tries: nextTries, failure: null });
    };
    await begin(first, tries);
    try {
      if (step !== "activate" && !(await this.#isHere(set))) return await this.#drop(set, signal);
      if (step === "verify") {
        await consumer.verify(fetched, signal);
        await begin("install");
      }
      if (step === "install") {
        await consumer.install(fetched, signal);
        await begin("activate");
      }
      await consumer.activate(set, signal);
    } catch (error) {
      signal.throwIfAborted();
      return await this.#fail(set, step, error, signal);
    }
    await this.#change({ pending: null, refused: null });
    log.info("update applied", { kind: consumer.kind, set: set.id, versions: versionsOf(set) });
  }

  async #fail(set: ContentSet, step: Step, error: unknown, signal: AbortSignal): Promise<void> {
    const failure = asOutriderError(error);
    const { code, detail } = failure;
    const { kind } = this.#parts.consumer;
    this.#parts.log.warning("update failed", { kind, set: set.id, step, code, detail });
    const told = { code, ...failure.told, detail: failure.told.detail.slice(0, 500) };
    const refusal = passing.has(code) ? null : told;
    if (step === "verify") await this.#end(set, refusal);
    else await this.#rollBack(set, refusal, signal);
    if (refusal === null) throw failure;
  }

  /** A rollback that fails stays pending, and is tried again before anything else. */
  async #rollBack(
    set: ContentSet,
    failure: RecordedFailure | null,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#begin({ set: recorded(set), step: "rollback", tries: 1, failure });
    await this.#parts.consumer.rollback(set, signal);
    await this.#end(set, failure);
    this.#parts.log.info("update rolled back", { kind: set.kind, set: set.id });
  }

  async #end(set: ContentSet, failure: RecordedFailure | null): Promise<void> {
    const { refused } = this.#record.current;
    await this.#change({
      pending: null,
      refused: failure === null ? refused : { set: recorded(set), failure },
    });
  }

  /** Files of a set that was begun are gone, since a newer one was published meanwhile. */
  async #drop(set: ContentSet, signal: AbortSignal): Promise<void> {
    if (this.#offered?.id === set.id) this.#offered = null;
    await this.#rollBack(set, null, signal);
  }

  async #isHere({ files }: ContentSet): Promise<boolean> {
    const sizes = files.map((file) =>
      stat(this.#parts.pathOf(file)).then(
        ({ size }) => size === file.length,
        () => false,
      ),
    );
    return (await Promise.all(sizes)).every(Boolean);
  }

  async #begin(pending: PendingUpdate): Promise<void> {
    await this.#change({ pending });
  }

  async #change(change: Parameters<RecordFile["change"]>[0]): Promise<void> {
    await this.#record.change(change);
    this.#parts.changed();
  }

  #setOf({ id, files }: PendingUpdate["set"]): ContentSet {
    return { kind: this.#parts.consumer.kind, id, files };
  }
}

function recorded({ id, files }: ContentSet): PendingUpdate["set"] {
  return {
    id,
    files: files.map(({ name, version, sha256, length }) => ({ name, version, sha256, length })),
  };
}

function versionsOf({ files }: ContentSet): string {
  return files.map(({ name, version }) => `${name} ${version}`).join(", ");
}
