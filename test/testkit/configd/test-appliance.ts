import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { Clock } from "../../../src/base/clock.ts";
import { type Log, silentLog } from "../../../src/base/log.ts";
import { OutriderError } from "../../../src/base/messages/error.ts";
import { systemRandom } from "../../../src/base/random.ts";
import type { ConfigdClient } from "../../../src/configd/api/api.ts";
import { UnixConfigdClient } from "../../../src/configd/api/client.ts";
import { type AppliancePaths, appliancePaths } from "../../../src/configd/api/paths.ts";
import type { Status } from "../../../src/configd/api/status.ts";
import { type RunningConfigd, startConfigd } from "../../../src/configd/daemon.ts";
import { applianceOwners } from "../../../src/configd/machine/file-owners.ts";
import { patientMs } from "../patience.ts";
import { FakeSystem } from "./fake-system.ts";

/** A clock that stands still until it is moved; a sleep ends when its time has come. */
export class HandClock implements Clock {
  #nowMs = 1_800_000_000_000;
  readonly #sleepers = new Set<{ untilMs: number; wake: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    return this.#nowMs;
  }
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { untilMs: this.#nowMs + durationMs, wake: () => end(resolve) };
      const stop = () => end(() => reject(signal?.reason));
      const end = (settle: () => void) => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", stop);
        settle();
      };
      signal?.addEventListener("abort", stop, { once: true });
      if (durationMs <= 0) end(resolve);
      else this.#sleepers.add(sleeper);
    });
  }
  advance(durationMs: number): void {
    this.#nowMs += durationMs;
    for (const sleeper of [...this.#sleepers]) if (sleeper.untilMs <= this.#nowMs) sleeper.wake();
  }
}

export interface TestAppliance {
  paths: AppliancePaths;
  system: FakeSystem;
  clock: HandClock;
  /** Starts configd, again after `kill`. */
  start(options?: {
    beforeStep?: (step: string) => Promise<void> | void;
    log?: Log;
  }): Promise<void>;
  /** Ends configd as if it had been killed: its work is left as it is. */
  kill(): Promise<void>;
  console: ConfigdClient;
  agent: ConfigdClient;
  /** Waits for a status that fulfils a condition. */
  until(wanted: (status: Status) => boolean): Promise<Status>;
}

/** Folders, a machine in memory and configd on real sockets, removed when the test ends. */
export async function testAppliance(t: ExecutionContext): Promise<TestAppliance> {
  // A short path: that of a unix socket may have 107 characters (unix(7)).
  const root = await mkdtemp(join(tmpdir(), `or-${randomUUID().slice(0, 4)}-`));
  const paths = appliancePaths(root);
  const system = new FakeSystem();
  const clock = new HandClock();
  let running: RunningConfigd | null = null;
  const kill = async () => {
    await running?.close();
    running = null;
  };
  t.teardown(async () => {
    await kill();
    await rm(root, { recursive: true, force: true });
  });
  const console = new UnixConfigdClient(paths.consoleSocket);
  return {
    paths,
    system,
    clock,
    console,
    agent: new UnixConfigdClient(paths.agentSocket),
    kill,
    start: async ({ beforeStep, log = silentLog } = {}) => {
      running = await startConfigd({
        system,
        paths,
        owners: applianceOwners(),
        clock,
        random: systemRandom,
        log,
        version: "0.0.0-test",
        ...(beforeStep ? { beforeStep } : {}),
      });
    },
    until: async (wanted) => {
      let status = await console.call("status", {});
      while (!wanted(status))
        status = await console.call(
          "status",
          { after: status.revision },
          AbortSignal.timeout(patientMs),
        );
      return status;
    },
  };
}

/** The error code of a refused call; "answered" without one. */
export function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "answered",
    (error: unknown) => (error instanceof OutriderError ? error.code : String(error)),
  );
}
