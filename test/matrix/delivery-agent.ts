import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Agent } from "../../src/agent/start/agent.ts";
import { loadConfiguration } from "../../src/agent/start/configuration.ts";
import { agentPaths } from "../../src/agent/start/paths.ts";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { writeDurably } from "../../src/base/durable-file.ts";
import { journalLog } from "../../src/base/log.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { ConfigdClient, VerbName, VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import { type ShardFiles, shardFiles } from "../../src/scan/files.ts";
import { nmap } from "../../src/scan/nmap/nmap.ts";
import type { ShardPlan } from "../../src/scan/schemas.ts";
import { patientLimits } from "../testkit/proxies/patient-limits.ts";
import { nmapXml } from "./delivery-scans.ts";

/**
 * The real agent in a process that is killed, over a configd whose scans are made up: each shard
 * takes some milliseconds and finds every address up. Waits are shortened, so that a thousand kills
 * do not take a day; the rest of the agent is unchanged.
 */
const root = process.env.OUTRIDER_ROOT ?? "";
const speed = Number(process.env.DELIVERY_SPEED ?? "1");
const paths = agentPaths(root);
const clock: Clock = {
  ...systemClock,
  sleep: (durationMs, signal) => systemClock.sleep(durationMs / speed, signal),
};

class MadeUpConfigd implements ConfigdClient {
  readonly #running = new Set<string>();

  async call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
  ): Promise<VerbReply<Name>> {
    const answer: unknown = this.#answer(name, request);
    return answer as VerbReply<Name>;
  }

  #answer(name: VerbName, request: object): unknown {
    const of = (field: string) => String(Reflect.get(request, field));
    switch (name) {
      case "seal":
        return { sealed: of("secret") };
      case "unseal":
        return { secret: of("sealed") };
      case "startShard":
        void this.#scan(of("jobId"), Number(of("shard")));
        return {};
      case "shards": {
        const prefix = `${of("jobId")} `;
        return {
          running: [...this.#running].flatMap((key) =>
            key.startsWith(prefix) ? [Number(key.slice(prefix.length))] : [],
          ),
          failed: [],
        };
      }
      case "doctor":
        return { results: [] };
      case "agentStatus":
      case "enrolled":
      case "stopJob":
        return {};
      default:
        throw new OutriderError("not-allowed", { detail: name });
    }
  }

  async #scan(jobId: string, shard: number): Promise<void> {
    const key = `${jobId} ${shard}`;
    if (this.#running.has(key)) return;
    this.#running.add(key);
    const files: ShardFiles = shardFiles(join(paths.scan, jobId), shard, nmap);
    const plan: ShardPlan = JSON.parse(await readFile(files.plan, "utf8"));
    const startedAt = Date.now();
    await delay(10 + Math.random() * 30);
    await writeDurably(files.output, nmapXml(plan), { mode: 0o660 });
    const { attempt, tryNumber } = plan;
    const done = {
      version: 1,
      attempt,
      tryNumber,
      exitCode: 0,
      signal: null,
      startedAt,
      endedAt: Date.now(),
      errorTail: "",
    };
    await writeDurably(files.done, JSON.stringify(done), { mode: 0o660 });
    this.#running.delete(key);
  }
}

process.umask(0o007);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort(new Error("SIGTERM")));
const agent = new Agent({
  configuration: await loadConfiguration(paths.configuration, process.env.CREDENTIALS_DIRECTORY),
  paths,
  configd: new MadeUpConfigd(),
  clock,
  random: systemRandom,
  log: journalLog(),
  softwareVersion: "0.0.0-matrix",
  inventory: async () => null,
  path: { limits: patientLimits },
});
agent.callNow();
await agent.run(stop.signal);
