import type { HeartbeatBuilder } from "../call-home/heartbeat.ts";
import { commandActions } from "../command-jobs/actions.ts";
import type { BundleSender } from "../command-jobs/bundle-sender.ts";
import { callEveryService } from "../command-jobs/check-in.ts";
import { CommandRunner } from "../command-jobs/command-runner.ts";
import { sendCommandResult } from "../services/commands.ts";
import { sendHeartbeat } from "../services/health.ts";
import type { Session } from "../session/session.ts";
import type { Updates } from "../updates/updates.ts";
import type { EnrolledParts } from "./parts.ts";

export interface CommandWiring {
  parts: EnrolledParts;
  session: Session;
  heartbeat: HeartbeatBuilder;
  updates: Updates;
  bundles: BundleSender;
  /** Collects the inventory and sends it. */
  sendInventory(signal: AbortSignal): Promise<void>;
}

export function makeCommandRunner({
  parts,
  session,
  heartbeat,
  updates,
  bundles,
  sendInventory,
}: CommandWiring): CommandRunner {
  const { configd, clock, random, log, serverClock, spool, status, identity } = parts;
  const { bootId } = parts.instance;
  return new CommandRunner({
    clock,
    random,
    log,
    store: spool.commands,
    bootId,
    applianceId: identity.applianceId,
    platformNowMs: () => serverClock.knownMs(),
    actions: commandActions({
      configd,
      clock,
      bootId,
      callHome: async (signal) => {
        await session.call("health", signal, async (client, url) =>
          sendHeartbeat(client, url, await heartbeat.next(), signal),
        );
      },
      checkIn: (signal) => {
        // Heartbeat and updates are called by their own loops, which keep their rhythm.
        parts.callWakeUp.raise();
        updates.walk();
        return callEveryService(
          {
            session,
            codeOf: (error) => status.failureOf(error).code,
            sendInventory: () => sendInventory(signal),
          },
          signal,
        );
      },
      lookForUpdates: () => updates.lookAgain(),
      sendBundle: (command, signal) => bundles.send(command, signal),
    }),
    report: async (command, result, signal) => {
      await session.callEvenIfRevoked("results", signal, (client, url) =>
        sendCommandResult(client, url, command.id, result, signal),
      );
    },
  });
}
