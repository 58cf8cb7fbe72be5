import { randomUUID } from "node:crypto";
import { type ActionParts, commandActions } from "../../src/agent/command-jobs/actions.ts";
import { CommandRunner } from "../../src/agent/command-jobs/command-runner.ts";
import { PlatformAnswer } from "../../src/agent/session/reply-errors.ts";
import type { Log } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fact } from "../../src/base/messages/facts.ts";
import type { ConfigdClient, VerbName, VerbReply } from "../../src/configd/api/api.ts";
import type { Command, CommandKind, CommandResult } from "../../src/protocol/schemas/commands.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles } from "../testkit/agent/spool-files.ts";
import { FakeClock, fixedRandom } from "../testkit/clock.ts";

/** configd as far as commands need it: answers by verb, and records the calls. */
export function configdOf(answers: Partial<Record<VerbName, (request: object) => unknown>>) {
  const calls: VerbName[] = [];
  const client: ConfigdClient = {
    call: async (name, request) => {
      calls.push(name);
      const answer = answers[name];
      if (!answer) throw new OutriderError("not-allowed", { detail: name });
      return (await answer(request)) as VerbReply<typeof name>;
    },
  };
  return { calls, client };
}

export const clockMs = Date.UTC(2026, 5, 1);
export const command = (kind: CommandKind, changes: Partial<Command> = {}): Command => ({
  id: randomUUID(),
  kind,
  createdAt: clockMs,
  expiresAt: clockMs + 600_000,
  ...changes,
});

export interface World {
  files: ReturnType<typeof memoryFiles>;
  reports: { id: string; result: CommandResult }[];
  lines: string[];
  refusals: number;
  /** The platform does not know its commands any more. */
  forgotten: boolean;
}
export const newWorld = (): World => ({
  files: memoryFiles(),
  reports: [],
  lines: [],
  refusals: 0,
  forgotten: false,
});

interface LifeChanges {
  bootId?: string;
  applianceId?: string;
  /** The platform has revoked it. */
  refused?: boolean;
  /** Whether it has called home; it has when absent. */
  calledHome?: boolean;
  /** Null while the platform's time is unknown. */
  platformNowMs?(): number | null;
}

/** One life of the agent over the files of the lives before it. */
export async function life(
  world: World,
  configd: ConfigdClient,
  changes: Partial<ActionParts> & LifeChanges = {},
) {
  const clock = new FakeClock(clockMs);
  const spool = await openSpool("/spool", { files: world.files });
  const bootId = changes.bootId ?? "boot-1";
  const applianceId = changes.applianceId ?? "00000000-0000-4000-8000-000000000001";
  const note = (event: string, facts: Record<string, unknown> = {}) =>
    void world.lines.push(`${event} ${JSON.stringify(facts)}`);
  const log: Log = { info: note, warning: note, error: note };
  const reported = Promise.withResolvers<void>();
  const commands = new CommandRunner({
    store: spool.commands,
    clock,
    random: fixedRandom(0),
    log,
    bootId,
    applianceId,
    platformNowMs: changes.platformNowMs ?? clock.nowMs,
    actions: commandActions({
      configd,
      clock,
      bootId,
      callHome: async () => undefined,
      checkIn: async () => fact("command-checked-in", { services: "health: reached" }),
      lookForUpdates: () => undefined,
      sendBundle: async () => ({ partCount: 1, sha256: "0".repeat(64) }),
      ...changes,
    }),
    report: async ({ id }, result) => {
      if (world.refusals-- > 0) throw new OutriderError("service-silent");
      world.reports.push({ id, result });
      reported.resolve();
      if (world.forgotten) throw new PlatformAnswer("not-found");
    },
  });
  const stop = new AbortController();
  if (changes.calledHome ?? true) commands.calledHome();
  const running = changes.refused
    ? commands.finishDecommission(stop.signal)
    : commands.run(stop.signal);
  const end = async () => {
    stop.abort(new Error("killed"));
    await running;
  };
  /** Everything is done: it waits for the next command. */
  const resting = () => clock.untilSleeping((durationMs) => durationMs === 86_400_000);
  return { commands, clock, spool, reported: reported.promise, resting, end };
}
