import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { asTold, fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Settings } from "../../settings/model/schema.ts";
import type { TrialEnd } from "../api/status.ts";
import type { System } from "../machine/system.ts";
import type { TrialState } from "../state/schema.ts";
import type { StatusStore, StoredStatus } from "../status/status-store.ts";
import { areSettled } from "./addresses-ready.ts";
import { adviseOn } from "./advice.ts";
import type { Proposal } from "./proposal.ts";
import { renderNetwork } from "./rendering.ts";
import type { Transaction } from "./transaction.ts";
import type { StoredTrial, TrialFiles } from "./trial-files.ts";

export const trialMs = 120_000;
/** How long the checks before a trial may hold it up: any dead hop is named in this time. */
const checksBeforeLimitMs = 20_000;
const checksAfterLimitMs = 90_000;
/** How long a new address may take: a DHCP server that probes an address first answers late. */
const settleLimitMs = 30_000;
const settlePollMs = 250;
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
   * Called after settings became active or went back: the status is read anew and published with
   * `also` in one step.
   */
  onSettingsChanged: (also?: Partial<StoredStatus>) => Promise<void>;
}

/** How it ends, and what exactly went wrong where it failed. */
type Ending = Pick<TrialEnd, "end" | "detail" | "facts">;

interface ActiveTrial extends StoredTrial {
  deadlineMonotonicMs: number;
  /** What it means when it goes back without the operator's word. */
  otherwise: Ending;
  /** Aborted when the trial ends, whichever way. */
  over: AbortController;
}

/** At most one change of settings at a time, from its start to its end. */
export class Trials {
  readonly #parts: TrialParts;
  readonly #exclusive = new SerialQueue();
  #active: ActiveTrial | null = null;
  #beginning = false;

  constructor(parts: TrialParts) {
    this.#parts = parts;
  }

  get active(): StoredTrial | null {
    return this.#active;
  }

  /** Refuses while a trial is there or begins. */
  requireNone(): void {
    if (this.#active || this.#beginning) throw new OutriderError("trial-pending");
  }

  /** Takes up what an earlier configd left. */
  async resume(): Promise<void> {
    const { files, store, clock } = this.#parts;
    store.update({ lastTrial: await files.readEnd() });
    const state = await files.readState();
    if (!state) return files.remove();
    const read = await files.read();
    const decision = await files.decision();
    // No longer than a trial can last, should the clock have jumped.
    const remainingMs = Math.min(state.deadlineAt - clock.nowMs(), trialMs);
    const usable = read !== null && decision === null && state.phase !== "applying";
    const trial = this.#activate(
      read ?? {
        state,
        settings: store.stored.settings,
        proxyPassword: undefined,
        activationCode: undefined,
      },
      usable ? remainingMs : 0,
    );
    if (!usable)
      trial.otherwise = {
        end: decision === "revert" ? "reverted" : "failed",
        ...asTold(fact("service-interrupted")),
      };
    const ended = this.#watch(trial);
    if (!usable || remainingMs <= 0) await ended;
    else if (state.phase === "checking") void this.#check(state.id);
  }

  /** Ends the loops of the running trial, not the trial. */
  stop(): void {
    this.#active?.over.abort();
  }

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

  keep(id: string): Promise<void> {
    return this.#exclusive.run(async () => {
      const trial = this.#require(id);
      try {
        await this.#keep(trial);
      } catch (error) {
        // The reverter was quicker.
        if (asOutriderError(error).code === "trial-unknown")
          await this.#takeBack(id, ending("timed-out"));
        throw error;
      }
    });
  }

  revert(id: string): Promise<void> {
    return this.#exclusive.run(() =>
      this.#takeBack(this.#require(id).state.id, ending("reverted")),
    );
  }

  extend(id: string): Promise<void> {
    return this.#exclusive.run(async () => {
      const trial = this.#require(id);
      await this.#parts.transaction.extend(id, trialMs);
      trial.deadlineMonotonicMs = this.#parts.clock.monotonicMs() + trialMs;
      this.#parts.store.setDeadline(trial.deadlineMonotonicMs);
      await this.#writeState(trial, { deadlineAt: this.#parts.clock.nowMs() + trialMs });
    });
  }

  /** Cards came or went; between two changes, never within one. */
  devicesChanged(): Promise<void> {
    return this.#exclusive.run(() => this.#parts.transaction.refreshDevices(this.#active));
  }

  /**
   * Ends the trial if there is one, however it can be ended, then does the work; no other change
   * comes between.
   */
  override(work: () => Promise<void>): Promise<void> {
    return this.#exclusive.run(async () => {
      const id = this.#active?.state.id;
      if (id !== undefined) {
        await this.#takeBack(id, ending("reverted")).catch(async (error: unknown) => {
          this.#parts.log.error("trial not taken back", { id, error: String(error) });
          await this.#parts.transaction.abandon(id);
          await this.#end(id, ending("reverted"));
        });
      }
      await work();
    });
  }

  async #begin(proposal: Proposal): Promise<void> {
    const { system, clock, random, transaction, log } = this.#parts;
    const refused = new AbortController();
    const checksFromMs = clock.monotonicMs();
    // Neither changes anything: the checks' time is enough for both.
    const checking = this.#runDoctor(checksBeforeLimitMs, refused.signal);
    const rendered = await renderNetwork(system, proposal.settings).catch((error: unknown) => {
      refused.abort();
      throw error;
    });
    const checksBefore = (await checking) ?? [];
    const checksMs = Math.round(clock.monotonicMs() - checksFromMs);
    const state: TrialState = {
      id: random.uuid(),
      by: proposal.by,
      deadlineAt: clock.nowMs() + trialMs,
      phase: "applying",
      changes: proposal.changes,
      checksBefore,
      checks: [],
      advice: null,
      proxyPassword:
        proposal.proxyPassword === undefined
          ? "same"
          : proposal.proxyPassword === null
            ? "removed"
            : "replaced",
    };
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
    const trial: ActiveTrial = {
      ...stored,
      deadlineMonotonicMs,
      otherwise: ending("timed-out"),
      over: new AbortController(),
    };
    this.#active = trial;
    this.#parts.store.setDeadline(deadlineMonotonicMs);
    this.#show();
    return trial;
  }

  /**
   * Goes back when the time is up, and does not give up on it. Ends with the first attempt or when
   * the trial is over.
   */
  async #watch(trial: ActiveTrial): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = trial.over;
    while (!signal.aborted && clock.monotonicMs() < trial.deadlineMonotonicMs)
      await clock
        .sleep(trial.deadlineMonotonicMs - clock.monotonicMs(), signal)
        .catch(() => undefined);
    if (signal.aborted) return;
    try {
      // Within the trial's own begin this is part of the work that is being done.
      if (this.#beginning) await this.#endByItself(trial);
      else await this.#exclusive.run(() => this.#endByItself(trial));
    } catch (error) {
      log.error("trial not taken back", { id: trial.state.id, error: String(error) });
      void clock.sleep(retryMs, signal).then(
        () => this.#watch(trial),
        () => undefined,
      );
      return;
    }
    if (this.#active === trial) await this.#watch(trial);
  }

  async #endByItself(trial: ActiveTrial): Promise<void> {
    if (this.#active !== trial || this.#parts.clock.monotonicMs() < trial.deadlineMonotonicMs)
      return;
    // A keep that was cut off is finished: the operator's word was given.
    if ((await this.#parts.files.decision()) === "keep") await this.#keep(trial);
    else await this.#takeBack(trial.state.id, trial.otherwise);
  }

  /** Waits for the link to settle, runs the doctor and says what it thinks. */
  async #check(id: string): Promise<void> {
    const trial = this.#active;
    if (!trial || trial.state.id !== id) return;
    await this.#waitForAddress(trial.settings, trial.over.signal);
    const checks = await this.#runDoctor(checksAfterLimitMs, trial.over.signal);
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

  async #waitForAddress(settings: Settings, signal: AbortSignal): Promise<void> {
    const { clock, system } = this.#parts;
    const until = clock.monotonicMs() + settleLimitMs;
    while (!signal.aborted && clock.monotonicMs() < until) {
      const interfaces = await system.interfaces().catch(() => []);
      if (areSettled(settings, interfaces)) return;
      await clock.sleep(settlePollMs, signal).catch(() => undefined);
    }
  }

  /** null when the checks could not be made, which says nothing about the path. */
  async #runDoctor(limitMs: number, over?: AbortSignal): Promise<CheckResult[] | null> {
    const { clock, system, log } = this.#parts;
    const done = new AbortController();
    const limit = new AbortController();
    clock.sleep(limitMs, done.signal).then(
      () => limit.abort(),
      () => undefined,
    );
    try {
      return await system.runDoctor(over ? AbortSignal.any([limit.signal, over]) : limit.signal);
    } catch (error) {
      log.warning("checks not made", { error: String(error) });
      return null;
    } finally {
      done.abort();
    }
  }

  async #keep(trial: ActiveTrial): Promise<void> {
    await this.#parts.transaction.keep(trial);
    await this.#end(trial.state.id, ending("kept"));
  }

  async #takeBack(id: string, ending: Ending): Promise<void> {
    await this.#parts.transaction.revert(id);
    await this.#end(id, ending);
  }

  async #end(id: string, ending: Ending): Promise<void> {
    const { clock, files, log } = this.#parts;
    const by = this.#active?.state.by ?? { how: "console", who: "", why: "" };
    const lastTrial: TrialEnd = {
      id,
      by,
      at: clock.nowMs(),
      ...ending,
      detail: ending.detail.slice(0, 2000),
    };
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

function ending(end: TrialEnd["end"]): Ending {
  return { end, detail: "" };
}
