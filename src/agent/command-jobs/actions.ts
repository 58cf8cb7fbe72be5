import type { Clock } from "../../base/clock.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { Command } from "../../protocol/schemas/commands.ts";
import type { SpooledCommand } from "../spool/command-schema.ts";
import { type CommandActions, done, failed, type Outcome } from "./command-runner.ts";

export interface ActionParts {
  configd: ConfigdClient;
  clock: Clock;
  bootId: string;
  /** One heartbeat, now; resolves when the platform has answered it. */
  callHome(signal: AbortSignal): Promise<void>;
  /** Calls every service; says in words how that went. */
  checkIn(signal: AbortSignal): Promise<string>;
  /** Looks for updates, and fetches what there is. */
  lookForUpdates(): void;
  /** Makes a support bundle and uploads it. */
  sendBundle(command: Command, signal: AbortSignal): Promise<NonNullable<Outcome["bundle"]>>;
}

/** A machine that is asked to restart is down in this time. */
const restartLimitMs = 300_000;
const callHomeEveryMs = 3000;
const applyingRecheckMs = 500;

/** Each kind of command; what they do to the machine, configd does. */
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
        return done("The appliance looks for updates; its page shows what it fetches.");
      case "check-in":
        return done(await parts.checkIn(signal));
      case "doctor": {
        const { results } = await configd.call("doctor", {}, signal);
        const bad = results.filter(
          ({ outcome }) => outcome === "failed" || outcome === "warning",
        ).length;
        return {
          ...done(
            bad === 0 ? "Every check is good." : `${bad} of ${results.length} checks are not good.`,
          ),
          checks: results,
        };
      }
      case "support-bundle":
        return {
          ...done("The bundle is at the platform."),
          bundle: await parts.sendBundle(command, signal),
        };
      case "decommission":
        return done("The appliance removes its identity, its results and its settings now.");
    }
  };
  return {
    run,
    afterwards: async (command, signal) => {
      if (command.kind !== "decommission") return;
      await configd.call("decommission", { jobId: command.id }, signal);
      // Nothing more is done by an appliance that is being wiped.
      await clock.sleep(restartLimitMs, signal);
    },
  };
}

/** Whether it took place is seen after it: the start of the machine is then another one. */
async function reboot(
  { startedIn }: SpooledCommand,
  { configd, clock, bootId }: ActionParts,
  signal: AbortSignal,
): Promise<Outcome> {
  if (startedIn !== null && startedIn !== bootId) return done("The appliance has restarted.");
  await configd.call("power", { action: "reboot" }, signal);
  await clock.sleep(restartLimitMs, signal);
  return failed("system-failed", "the machine did not restart");
}

/**
 * configd tries the change and starts this agent anew over it; what is found then, and whether the
 * platform is reached, decides. Without that word configd takes the change back.
 */
async function changeNetwork(
  { id, network: change }: Command,
  parts: ActionParts,
  signal: AbortSignal,
): Promise<Outcome> {
  const { configd, clock } = parts;
  if (!change) return failed("request-invalid", "the command says no change");
  let { trial, lastTrial } = await configd.call("status", {}, signal);
  const isOurs = (some: { by: { how: string; who: string } } | null) =>
    some?.by.how === "platform" && some.by.who.includes(id);
  if (!isOurs(trial) && !isOurs(lastTrial))
    await configd.call("tryRemote", { jobId: id, ...change }, signal);
  for (;;) {
    ({ trial, lastTrial } = await configd.call("status", {}, signal));
    if (!isOurs(trial)) {
      if (isOurs(lastTrial) && lastTrial?.end === "kept")
        return done("The new settings are kept: the platform was reached over them.");
      return failed("network-change-reverted", lastTrial?.detail ?? "");
    }
    // A call that is made now would go by the old settings, and says nothing about the new ones.
    if (trial?.phase === "applying") {
      await clock.sleep(applyingRecheckMs, signal);
      continue;
    }
    try {
      await parts.callHome(signal);
      await configd.call("confirmRemote", { jobId: id }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      await clock.sleep(callHomeEveryMs, signal);
    }
  }
}

function isFinal(error: unknown): boolean {
  return (
    error instanceof OutriderError &&
    ["not-allowed", "request-invalid"].includes(asOutriderError(error).code)
  );
}
