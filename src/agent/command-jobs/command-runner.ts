import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { Command, CommandResult } from "../../protocol/schemas/commands.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import type { SpooledCommand } from "../spool/command-schema.ts";
import { type CommandStore, isOpen } from "../spool/command-store.ts";

/** What carrying a command out came to. */
export type Outcome = Omit<CommandResult, "startedAt" | "endedAt">;

/** How each kind is carried out; an earlier life of this agent may have begun it. */
export interface CommandActions {
  run(record: SpooledCommand, signal: AbortSignal): Promise<Outcome>;
  /**
   * What is done only when it was done and the platform has the result: there is nobody left to
   * tell it afterwards.
   */
  afterwards(command: Command, signal: AbortSignal): Promise<void>;
}

export interface CommandRunnerParts {
  store: CommandStore;
  actions: CommandActions;
  /** Tells the platform; resolves when it has signed that it has the result. */
  report(command: Command, result: CommandResult, signal: AbortSignal): Promise<void>;
  /** The platform's time, by which a command expires; null while it is not known. */
  platformNowMs(): number | null;
  bootId: string;
  applianceId: string;
  clock: Clock;
  random: Random;
  log: Log;
}

const dayMs = 86_400_000;

/**
 * Commands from the platform, one after the other, each carried out once at most and told of once;
 * each is two lines in the journal.
 */
export class CommandRunner {
  readonly #parts: CommandRunnerParts;
  readonly #work = new WakeUp();
  #called = false;

  constructor(parts: CommandRunnerParts) {
    this.#parts = parts;
  }

  /** What the platform lists: kept durably before anything is done. */
  async take(commands: readonly Command[]): Promise<void> {
    const { store, log, clock, applianceId } = this.#parts;
    for (const command of commands) {
      const known = store.find(command.id);
      if (known) {
        // The platform shows that it has not got the result, as after a backup was put back: it is
        // told again, nothing is done again.
        if (!isOpen(known.state)) {
          log.warning("command from the platform came again and is not carried out again", {
            command: command.id,
            kind: command.kind,
          });
          await store.write({ ...known, state: "ended" });
        }
      } else {
        const taken = {
          command,
          applianceId,
          takenAt: clock.nowMs(),
          state: "taken" as const,
          startedAt: null,
          startedIn: null,
          result: null,
        };
        const damaged = store.isDamaged(command.id);
        await store.write(
          damaged
            ? {
                ...taken,
                state: "ended",
                result: this.#ended(taken, failed("storage-damaged", "")),
              }
            : taken,
        );
      }
      this.#work.raise();
    }
  }

  /**
   * The platform was called, the first time or again: from the first time on it is told what there
   * is to tell.
   */
  called(): void {
    this.#called = true;
    this.#work.raise();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#keepOn(() => true, signal);
  }

  /**
   * What is left to one that the platform has revoked, which the result of a decommission does: its
   * receipt may have been lost, or the wiping may not have begun before the refusal was heard.
   * Nothing else is told and nothing begun.
   */
  giveUp(signal: AbortSignal): Promise<void> {
    return this.#keepOn(
      ({ command, state }) =>
        command.kind === "decommission" && state !== "taken" && state !== "started",
      signal,
    );
  }

  async #keepOn(concerns: (record: SpooledCommand) => boolean, signal: AbortSignal): Promise<void> {
    const { store, clock, random, log, platformNowMs, applianceId } = this.#parts;
    for (let failures = 0; !signal.aborted; ) {
      this.#work.clear();
      try {
        await store.keepOnly(applianceId);
        const concerned = () =>
          store.list().filter((record) => concerns(record) && this.#isDue(record));
        for (const record of concerned())
          if (!isOpen(record.state)) await this.#follow(record, signal);
        for (const record of concerned())
          if (isOpen(record.state)) await this.#finish(record, signal);
        const nowMs = platformNowMs();
        if (nowMs !== null) await store.prune(nowMs);
        failures = 0;
        await this.#work.wait(clock, dayMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        const { code, message, retryAfterMs } = asOutriderError(error);
        log.warning("a command's result could not be told yet", { code, message });
        failures++;
        await clock
          .sleep(
            waitAfterFailureMs({ failures, retryAfterMs, refusals: 0 }, random.fraction()),
            signal,
          )
          .catch(() => undefined);
      }
    }
  }

  #isDue({ state, startedIn }: SpooledCommand): boolean {
    const { bootId, platformNowMs } = this.#parts;
    // A change of the network is on trial, over which this agent was started anew: it is confirmed
    // in time or taken back. Begun since the machine started, it is nothing that a site's power
    // brought back.
    if (state === "started" && startedIn === bootId) return true;
    if (!this.#called) return false;
    // By a local clock that is wrong it would have expired, or would be begun though it has.
    return state !== "taken" || platformNowMs() !== null;
  }

  async #finish(record: SpooledCommand, signal: AbortSignal): Promise<void> {
    let present = record;
    if (present.state === "taken" || present.state === "started")
      present = await this.#carryOut(present, signal);
    const isKnown =
      present.result === null || (await this.#report(present.command, present.result, signal));
    await this.#follow(
      await this.#parts.store.write({ ...present, state: isKnown ? "reported" : "unwanted" }),
      signal,
    );
  }

  async #follow({ command, state, result }: SpooledCommand, signal: AbortSignal): Promise<void> {
    if (state === "reported" && result?.end === "done")
      await this.#parts.actions.afterwards(command, signal);
  }

  async #carryOut(record: SpooledCommand, signal: AbortSignal): Promise<SpooledCommand> {
    const { store, clock, log, bootId, platformNowMs } = this.#parts;
    const { id, kind, expiresAt } = record.command;
    let present = record;
    let outcome: Outcome;
    if (record.state === "taken" && (platformNowMs() ?? 0) > expiresAt) {
      log.warning("command from the platform has expired and is not carried out", {
        command: id,
        kind,
      });
      outcome = { end: "expired", code: "command-expired", detail: "" };
    } else {
      log.info(
        record.state === "taken"
          ? "command from the platform begins"
          : "command from the platform goes on",
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

  /** False when the platform does not know the command: it was taken back over there. */
  async #report(command: Command, result: CommandResult, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#parts.report(command, result, signal);
      return true;
    } catch (error) {
      if (error instanceof OutriderError && error.code === "not-found") return false;
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

export function failed(code: string, detail: string): Outcome {
  return { end: "failed", code, detail };
}

export function done(detail: string): Outcome {
  return { end: "done", code: null, detail };
}
