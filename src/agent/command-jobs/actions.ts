import type { Clock } from "../../base/clock.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact } from "../../base/messages/facts.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { Command } from "../../protocol/schemas/commands.ts";
import type { SpooledCommand } from "../spool/command-schema.ts";
import type { CommandActions } from "./command-runner.ts";
import { done, failed, type Outcome } from "./outcome.ts";

export interface ActionParts {
  configd: ConfigdClient;
  clock: Clock;
  bootId: string;
  /** Sends one heartbeat at once; resolves when the platform has answered it. */
  callHome(signal: AbortSignal): Promise<void>;
  /** Calls every service and reports how each call ended. */
  checkIn(signal: AbortSignal): Promise<Fact>;
  /** Starts a look for updates. */
  lookForUpdates(): void;
  /** Makes a support bundle and uploads it. */
  sendBundle(command: Command, signal: AbortSignal): Promise<NonNullable<Outcome["bundle"]>>;
}

/** A machine that was asked to restart is down within this time. */
const restartLimitMs = 300_000;
const callHomeEveryMs = 3000;
const applyingRecheckMs = 500;

/** Carries out each kind of command; configd makes the changes to the machine. */
export function commandActions(parts: ActionParts): CommandActions {
  const { configd, clock } = parts;
  const run = async (record: SpooledCommand, signal: AbortSignal): Promise<Outcome> => {
    const { command } = record;
    switch (command.kind) {
      case "reboot":
        return await reboot(record, parts, signal);
      case "network":
        return await changeNetwork(command, parts, signal);
      case "update":
        parts.lookForUpdates();
        return done(fact("command-looks-for-updates"));
      case "check-in":
        return done(await parts.checkIn(signal));
      case "doctor":
        return await runDoctor(configd, signal);
      case "support-bundle": {
        const bundle = await parts.sendBundle(command, signal);
        return { ...done(fact("command-bundle-sent")), bundle };
      }
      case "decommission":
        return done(fact("command-decommissions"));
    }
  };
  return {
    run,
    afterwards: async (command, signal) => {
      if (command.kind !== "decommission") return;
      await configd.call("decommission", { jobId: command.id }, signal);
      // configd wipes the appliance: begin nothing else until the machine restarts.
      await clock.sleep(restartLimitMs, signal);
    },
  };
}

async function runDoctor(configd: ConfigdClient, signal: AbortSignal): Promise<Outcome> {
  const { results } = await configd.call("doctor", {}, signal);
  const bad = results.filter(({ outcome }) => outcome === "failed" || outcome === "warning").length;
  const summary =
    bad === 0
      ? fact("command-checks-good")
      : fact("command-checks-bad", { bad, count: results.length });
  return { ...done(summary), checks: results };
}

/** A new boot id after the command began proves that the machine restarted. */
async function reboot(
  { startedIn }: SpooledCommand,
  { configd, clock, bootId }: ActionParts,
  signal: AbortSignal,
): Promise<Outcome> {
  if (startedIn !== null && startedIn !== bootId) return done(fact("command-rebooted"));
  await configd.call("power", { action: "reboot" }, signal);
  await clock.sleep(restartLimitMs, signal);
  return failed("system-failed", fact("command-not-rebooted"));
}

/**
 * configd starts a trial of the new settings and restarts this agent with them. The agent then
 * confirms the trial when it reaches the platform; without a confirmation configd reverts it.
 */
async function changeNetwork(
  { id, network: change }: Command,
  parts: ActionParts,
  signal: AbortSignal,
): Promise<Outcome> {
  const { configd, clock } = parts;
  if (!change) return failed("request-invalid", fact("command-without-change"));
  let { trial, lastTrial } = await configd.call("status", {}, signal);
  const isOurs = (some: { by: { how: string; who: string } } | null) =>
    some?.by.how === "platform" && some.by.who.includes(id);
  if (!isOurs(trial) && !isOurs(lastTrial))
    await configd.call("tryRemote", { jobId: id, ...change }, signal);
  for (;;) {
    ({ trial, lastTrial } = await configd.call("status", {}, signal));
    if (!isOurs(trial)) {
      if (isOurs(lastTrial) && lastTrial?.end === "kept")
        return done(fact("command-settings-kept"));
      return failed("network-change-reverted", lastTrial?.detail ?? "");
    }
    // A call made now would still use the old settings and prove nothing about the new ones.
    if (trial?.phase === "applying") {
      await clock.sleep(applyingRecheckMs, signal);
      continue;
    }
    const isHome = await parts.callHome(signal).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    if (!isHome || !(await confirmsTrial(id, parts, signal)))
      await clock.sleep(callHomeEveryMs, signal);
  }
}

/** False when configd could not be asked. Throws what it says against the change. */
async function confirmsTrial(
  jobId: string,
  { configd }: Pick<ActionParts, "configd">,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await configd.call("confirmRemote", { jobId }, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isFinal(error)) throw error;
    return false;
  }
}

/** Only configd's word counts here, never what a call home was answered with. */
function isFinal(error: unknown): boolean {
  return error instanceof OutriderError && ["not-allowed", "request-invalid"].includes(error.code);
}
