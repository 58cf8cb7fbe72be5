import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { Command, CommandResult } from "../../protocol/schemas/commands.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { SpooledCommand } from "../spool/command-schema.ts";
import { type CommandStore, isOpen } from "../spool/command-store.ts";
import { failed, type Outcome } from "./outcome.ts";

/** Carries out each kind of command. The agent may have restarted since the command began. */
export interface CommandActions {
  run(record: SpooledCommand, signal: AbortSignal): Promise<Outcome>;
  /** A last step once the platform has the result: after a wipe it could not be reported. */
  afterwards(command: Command, signal: AbortSignal): Promise<void>;
}

export interface CommandRunnerParts {
  store: CommandStore;
  actions: CommandActions;
  /** Reports to the platform; resolves with the platform's signed receipt. */
  report(command: Command, result: CommandResult, signal: AbortSignal): Promise<void>;
  /** The platform's time, by which commands expire; null while it is unknown. */
  platformNowMs(): number | null;
  bootId: string;
  applianceId: string;
  clock: Clock;
  random: Random;
  log: Log;
}

const dayMs = 86_400_000;

/**
 * Runs the platform's commands, one after the other, each at most once, and reports each result.
 * Each command writes two lines to the journal.
 */
export class CommandRunner {
  readonly #parts: CommandRunnerParts;
  readonly #wakeUp = new WakeUp();
  #calledHome = false;

  constructor(parts: CommandRunnerParts) {
    this.#parts = parts;
  }

  /** Takes the commands that the platform lists; stores each durably before it is carried out. */
  async take(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      const known = this.#parts.store.find(command.id);
      if (known) await this.#takeAgain(known);
      else await this.#takeNew(command);
      this.#wakeUp.raise();
    }
  }

  /**
   * The platform lists a command that has ended here, as after its backup was restored: its result
   * is reported again, and nothing else is done.
   */
  async #takeAgain(known: SpooledCommand): Promise<void> {
    if (isOpen(known.state)) return;
    const { id, kind } = known.command;
    this.#parts.log.warning("command repeated by the platform; its result is reported again", {
      command: id,
      kind,
    });
    await this.#parts.store.write({ ...known, state: "ended" });
  }

  async #takeNew(command: Command): Promise<void> {
    const { store, clock, applianceId } = this.#parts;
    const taken: SpooledCommand = {
      command,
      applianceId,
      takenAt: clock.nowMs(),
      state: "taken",
      startedAt: null,
      startedIn: null,
      result: null,
    };
    // It may have been carried out before its record was damaged: never a second time.
    if (store.isDamaged(command.id)) {
      const result = this.#ended(taken, failed("storage-damaged", ""));
      await store.write({ ...taken, state: "ended", result });
    } else await store.write(taken);
  }

  /** The agent has called home: from the first call on results are reported. */
  calledHome(): void {
    this.#calledHome = true;
    this.#wakeUp.raise();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#runThose(() => true, signal);
  }

  /**
   * Runs while the platform refuses the appliance, as it does after the result of a decommission:
   * the receipt may have been lost, or the refusal came before the wipe began. No other command is
   * reported, and none begun.
   */
  finishDecommission(signal: AbortSignal): Promise<void> {
    return this.#runThose(
      ({ command, state }) =>
        command.kind === "decommission" && state !== "taken" && state !== "started",
      signal,
    );
  }

  async #runThose(
    concerns: (record: SpooledCommand) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock, random, log, platformNowMs, applianceId } = this.#parts;
    for (let failures = 0; !signal.aborted; ) {
      this.#wakeUp.clear();
      try {
        await store.keepOnly(applianceId);
        const concerned = () =>
          store.list().filter((record) => concerns(record) && this.#isDue(record));
        for (const record of concerned())
          if (!isOpen(record.state)) await this.#runAfterwards(record, signal);
        for (const record of concerned())
          if (isOpen(record.state)) await this.#finish(record, signal);
        const nowMs = platformNowMs();
        if (nowMs !== null) await store.prune(nowMs);
        failures = 0;
        await this.#wakeUp.wait(clock, dayMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        const { code, message, retryAfterMs } = asOutriderError(error);
        log.warning("command report failed", { code, message });
        failures++;
        await clock
          .sleep(
            waitAfterFailureMs({ failures, retryAfterMs, refusals: 0 }, random.fraction()),
            signal,
          )
          .catch(ignoringAbort(signal));
      }
    }
  }

  #isDue({ state, startedIn }: SpooledCommand): boolean {
    const { bootId, platformNowMs } = this.#parts;
    // A network change on trial restarted this agent and must be confirmed in time. It began after
    // the machine started, so the spread of the first calls after a power cut does not concern it.
    if (state === "started" && startedIn === bootId) return true;
    if (!this.#calledHome) return false;
    // A wrong local clock must not let a command expire early, or begin after its expiry.
    return state !== "taken" || platformNowMs() !== null;
  }

  async #finish(record: SpooledCommand, signal: AbortSignal): Promise<void> {
    let present = record;
    if (present.state === "taken" || present.state === "started")
      present = await this.#carryOut(present, signal);
    const isKnown =
      present.result === null || (await this.#report(present.command, present.result, signal));
    await this.#runAfterwards(
      await this.#parts.store.write({ ...present, state: isKnown ? "reported" : "unwanted" }),
      signal,
    );
  }

  async #runAfterwards(
    { command, state, result }: SpooledCommand,
    signal: AbortSignal,
  ): Promise<void> {
    if (state === "reported" && result?.end === "done")
      await this.#parts.actions.afterwards(command, signal);
  }

  async #carryOut(record: SpooledCommand, signal: AbortSignal): Promise<SpooledCommand> {
    const { store, clock, log, bootId, platformNowMs } = this.#parts;
    const { id, kind, expiresAt } = record.command;
    let present = record;
    let outcome: Outcome;
    if (record.state === "taken" && (platformNowMs() ?? 0) > expiresAt) {
      log.warning("command from the platform expired; it is not carried out", {
        command: id,
        kind,
      });
      outcome = { end: "expired", code: "command-expired", detail: "" };
    } else {
      log.info(
        record.state === "taken"
          ? "command from the platform begins"
          : "command from the platform continues",
        { command: id, kind },
      );
      if (record.state === "taken")
        present = await store.write({
          ...record,
          state: "started",
          startedAt: clock.nowMs(),
          startedIn: bootId,
        });
      outcome = await this.#parts.actions.run(present, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        const { code, detail, message } = asOutriderError(error);
        return failed(code, detail ?? message);
      });
      log.info("command from the platform ended", {
        command: id,
        kind,
        end: outcome.end,
        ...(outcome.code === null ? {} : { code: outcome.code }),
      });
    }
    return store.write({ ...present, state: "ended", result: this.#ended(present, outcome) });
  }

  /** False when the platform does not know the command, because it was withdrawn there. */
  async #report(command: Command, result: CommandResult, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#parts.report(command, result, signal);
      return true;
    } catch (error) {
      if (answeredWith(error, "not-found")) return false;
      throw error;
    }
  }

  #ended({ startedAt }: Pick<SpooledCommand, "startedAt">, outcome: Outcome): CommandResult {
    return {
      ...outcome,
      detail: outcome.detail.slice(0, 1000),
      startedAt,
      endedAt: this.#parts.clock.nowMs(),
    };
  }
}
