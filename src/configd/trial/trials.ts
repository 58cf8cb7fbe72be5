import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { System } from "../machine/system.ts";
import type { TrialState } from "../state/schema.ts";
import type { StatusStore, StoredStatus } from "../status/status-store.ts";
import {
  type ActiveTrial,
  activated,
  type Ending,
  endingAs,
  endOf,
  firstState,
  interrupted,
  withoutFiles,
} from "./active-trial.ts";
import { adviseOn } from "./advice.ts";
import type { Proposal } from "./proposal.ts";
import { renderNetwork } from "./rendering.ts";
import type { Transaction } from "./transaction.ts";
import { TrialChecks } from "./trial-checks.ts";
import type { StoredTrial, TrialFiles } from "./trial-files.ts";

/** How long a trial lasts unless it is kept, reverted or extended. */
export const trialMs = 120_000;
/** Delay before a revert that failed is tried again. */
const retryMs = 5000;

export interface TrialParts {
  system: System;
  clock: Clock;
  random: Random;
  log: Log;
  store: StatusStore;
  files: TrialFiles;
  transaction: Transaction;
  /**
   * Called after settings became active or were reverted: publishes the status together with `also`,
   * in one revision.
   */
  onSettingsChanged: (also?: Partial<StoredStatus>) => Promise<void>;
}

/** Runs trials: at most one change of settings at a time, from its start to its end. */
export class Trials {
  readonly #parts: TrialParts;
  readonly #checks: TrialChecks;
  readonly #exclusive = new SerialQueue();
  #active: ActiveTrial | null = null;
  #beginning = false;

  constructor(parts: TrialParts) {
    this.#parts = parts;
    this.#checks = new TrialChecks(parts);
  }

  get active(): StoredTrial | null {
    return this.#active;
  }

  /** Throws OutriderError "trial-pending" while a trial runs or begins. */
  requireNone(): void {
    if (this.#active || this.#beginning) throw new OutriderError("trial-pending");
  }

  /** Resumes the trial that an earlier configd left, or ends it. */
  async resume(): Promise<void> {
    const { files, store, clock } = this.#parts;
    store.update({ lastTrial: await files.readEnd() });
    const state = await files.readState();
    if (!state) return files.remove();
    const read = await files.read();
    const decision = await files.decision();
    // The clock may have jumped, but no trial has more than its full time left.
    const remainingMs = Math.min(state.deadlineAt - clock.nowMs(), trialMs);
    const usable = read !== null && decision === null && state.phase !== "applying";
    const stored = read ?? withoutFiles(state, store.stored.settings);
    const trial = this.#activate(stored, usable ? remainingMs : 0);
    if (!usable) trial.otherwise = interrupted(decision);
    const ended = this.#watch(trial);
    if (!usable || remainingMs <= 0) await ended;
    else if (state.phase === "checking") void this.#check(state.id);
  }

  /** Ends the loops of the running trial. The trial itself goes on. */
  stop(): void {
    this.#active?.over.abort();
  }

  /**
   * Starts a trial; resolves when its settings are active, and then checks them. Throws
   * OutriderError "trial-pending" or "trial-failed".
   */
  async begin(proposal: Proposal): Promise<void> {
    this.requireNone();
    this.#beginning = true;
    try {
      await this.#exclusive.run(() => this.#begin(proposal));
    } finally {
      this.#beginning = false;
    }
    const { id } = this.#require().state;
    void this.#check(id);
  }

  /** Saves the trial's settings. Throws OutriderError "trial-unknown" when it has ended. */
  keep(id: string): Promise<void> {
    return this.#exclusive.run(async () => {
      const trial = this.#require(id);
      try {
        await this.#keep(trial);
      } catch (error) {
        // The reverter's timer fired first.
        if (asOutriderError(error).code === "trial-unknown")
          await this.#takeBack(id, endingAs("timed-out"));
        throw error;
      }
    });
  }

  /** Takes the trial back. Throws OutriderError "trial-unknown" when it has ended. */
  revert(id: string): Promise<void> {
    return this.#exclusive.run(() =>
      this.#takeBack(this.#require(id).state.id, endingAs("reverted")),
    );
  }

  /** Gives the trial its full time again, from now on. */
  extend(id: string): Promise<void> {
    return this.#exclusive.run(async () => {
      const trial = this.#require(id);
      await this.#parts.transaction.extend(id, trialMs);
      trial.deadlineMonotonicMs = this.#parts.clock.monotonicMs() + trialMs;
      this.#parts.store.setDeadline(trial.deadlineMonotonicMs);
      await this.#writeState(trial, { deadlineAt: this.#parts.clock.nowMs() + trialMs });
    });
  }

  /** Adapts the network to cards that came or went; waits until no other change is under way. */
  devicesChanged(): Promise<void> {
    return this.#exclusive.run(() => this.#parts.transaction.refreshDevices(this.#active));
  }

  /**
   * Ends a running trial, dropping it when it cannot be reverted, then does the work. No other change
   * comes between the two.
   */
  override(work: () => Promise<void>): Promise<void> {
    return this.#exclusive.run(async () => {
      const id = this.#active?.state.id;
      if (id !== undefined) {
        await this.#takeBack(id, endingAs("reverted")).catch(async (error: unknown) => {
          this.#parts.log.error("trial not taken back", { id, error: String(error) });
          await this.#parts.transaction.abandon(id);
          await this.#end(id, endingAs("reverted"));
        });
      }
      await work();
    });
  }

  async #begin(proposal: Proposal): Promise<void> {
    const { system, clock, random, transaction, log } = this.#parts;
    const refused = new AbortController();
    const checksFromMs = clock.monotonicMs();
    // Checking and rendering change nothing, so they run at the same time.
    const checking = this.#checks.before(refused.signal);
    const rendered = await renderNetwork(system, proposal.settings).catch((error: unknown) => {
      refused.abort();
      throw error;
    });
    const checksBefore = (await checking) ?? [];
    const checksMs = Math.round(clock.monotonicMs() - checksFromMs);
    const state = firstState(random.uuid(), proposal, checksBefore, clock.nowMs() + trialMs);
    const { settings, proxyPassword, activationCode } = proposal;
    const trial = this.#activate({ state, settings, proxyPassword, activationCode }, trialMs);
    log.info("trial begins", {
      id: state.id,
      checksMs,
      changes: state.changes.map((change) => change.field),
    });
    try {
      await transaction.apply(trial, rendered, trialMs);
      await this.#writeState(trial, { phase: "checking" });
    } catch (error) {
      const failure = asOutriderError(error, "trial-failed");
      log.error("trial failed", { id: state.id, error: failure.message });
      trial.otherwise = { end: "failed", ...failure.told };
      trial.deadlineMonotonicMs = clock.monotonicMs();
      await this.#watch(trial);
      throw failure.code === "trial-failed" ? failure : failure.asFault("trial-failed");
    }
    void this.#watch(trial);
    await this.#parts.onSettingsChanged();
  }

  #activate(stored: StoredTrial, remainingMs: number): ActiveTrial {
    const deadlineMonotonicMs = this.#parts.clock.monotonicMs() + remainingMs;
    const trial = activated(stored, deadlineMonotonicMs);
    this.#active = trial;
    this.#parts.store.setDeadline(deadlineMonotonicMs);
    this.#show();
    return trial;
  }

  /**
   * Reverts the trial when its time is up, and tries again until it succeeds. Resolves after the
   * first attempt or when the trial is over.
   */
  async #watch(trial: ActiveTrial): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = trial.over;
    while (!signal.aborted && clock.monotonicMs() < trial.deadlineMonotonicMs)
      await clock
        .sleep(trial.deadlineMonotonicMs - clock.monotonicMs(), signal)
        .catch(ignoringAbort(signal));
    if (signal.aborted) return;
    try {
      // Called from #begin, the queue is already held by this very trial.
      if (this.#beginning) await this.#endByItself(trial);
      else await this.#exclusive.run(() => this.#endByItself(trial));
    } catch (error) {
      log.error("trial not taken back", { id: trial.state.id, error: String(error) });
      void clock.sleep(retryMs, signal).then(() => this.#watch(trial), ignoringAbort(signal));
      return;
    }
    if (this.#active === trial) await this.#watch(trial);
  }

  async #endByItself(trial: ActiveTrial): Promise<void> {
    if (this.#active !== trial || this.#parts.clock.monotonicMs() < trial.deadlineMonotonicMs)
      return;
    // The operator decided to keep, and configd was cut off: finish the keep.
    if ((await this.#parts.files.decision()) === "keep") await this.#keep(trial);
    else await this.#takeBack(trial.state.id, trial.otherwise);
  }

  /** Runs the doctor over the new settings and publishes its results and advice. */
  async #check(id: string): Promise<void> {
    const trial = this.#active;
    if (!trial || trial.state.id !== id) return;
    const checks = await this.#checks.during(trial.settings, trial.over.signal);
    if (trial.over.signal.aborted) return;
    await this.#exclusive.run(async () => {
      if (this.#active !== trial) return;
      await this.#writeState(trial, {
        phase: "waiting",
        checks: checks ?? [],
        advice: checks && adviseOn(trial.state.checksBefore, checks),
      });
    });
  }

  async #keep(trial: ActiveTrial): Promise<void> {
    await this.#parts.transaction.keep(trial);
    await this.#end(trial.state.id, endingAs("kept"));
  }

  async #takeBack(id: string, ending: Ending): Promise<void> {
    await this.#parts.transaction.revert(id);
    await this.#end(id, ending);
  }

  async #end(id: string, ending: Ending): Promise<void> {
    const { clock, files, log } = this.#parts;
    const lastTrial = endOf(id, this.#active, ending, clock.nowMs());
    log.info("trial ended", { id, end: ending.end });
    this.#active?.over.abort();
    this.#active = null;
    await files
      .writeEnd(lastTrial)
      .catch((error: unknown) =>
        log.warning("end of the trial not noted", { error: String(error) }),
      );
    await this.#parts.onSettingsChanged({ trial: null, lastTrial });
  }

  async #writeState(trial: ActiveTrial, patch: Partial<TrialState>): Promise<void> {
    trial.state = { ...trial.state, ...patch };
    await this.#parts.files.writeState(trial.state);
    this.#show();
  }

  #show(): void {
    if (!this.#active) return;
    const { proxyPassword: _, ...trial } = this.#active.state;
    this.#parts.store.update({ trial });
  }

  #require(id?: string): ActiveTrial {
    if (!this.#active || (id !== undefined && this.#active.state.id !== id))
      throw new OutriderError("trial-unknown");
    return this.#active;
  }
}
