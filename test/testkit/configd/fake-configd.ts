import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OutriderError } from "../../../src/base/messages/error.ts";
import type {
  ConfigdClient,
  VerbName,
  VerbReply,
  VerbRequest,
} from "../../../src/configd/api/api.ts";
import type { AgentStatus } from "../../../src/configd/api/status.ts";

const scanMain = fileURLToPath(new URL("../../../src/scan/run/main.ts", import.meta.url));

export interface FakeConfigdOptions {
  /**
   * Folder with the process ids of shards, so that the next fake finds shards of the one before.
   */
  folder: string;
  /** The environment of shards. */
  environment: Record<string, string>;
  onStatus?: (status: AgentStatus) => void;
  /** The runner's program, if it is not the appliance's own. */
  scanMain?: string;
}

/**
 * The agent's side of configd in memory. Shards are plain processes that outlive the process that
 * started them.
 */
export class FakeConfigd implements ConfigdClient {
  readonly calls: { name: VerbName; request: unknown }[] = [];
  readonly statuses: AgentStatus[] = [];
  enrolled = 0;
  /** Whether it answers as a configd that is being restarted. */
  unreachable = false;
  readonly #options: FakeConfigdOptions;

  constructor(options: FakeConfigdOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  async call<Name extends VerbName>(
    name: Name,
    request: VerbRequest<Name>,
  ): Promise<VerbReply<Name>> {
    if (this.unreachable) throw new OutriderError("configd-unreachable");
    this.calls.push({ name, request });
    const answer: unknown = this.#answer(name, request);
    // Callers check the answer: only the name tells the types of the verbs apart.
    return answer as VerbReply<Name>;
  }

  #answer(name: VerbName, request: object): unknown {
    const jobId = String(Reflect.get(request, "jobId"));
    switch (name) {
      case "agentStatus": {
        const status = request as AgentStatus;
        this.statuses.push(status);
        this.#options.onStatus?.(status);
        return {};
      }
      case "enrolled":
        this.enrolled++;
        return {};
      case "startShard":
        this.#start(`${jobId}-${Reflect.get(request, "shard")}`);
        return {};
      case "stopJob":
        for (const shard of this.#running(jobId)) kill(this.#pid(`${jobId}-${shard}`));
        return {};
      // Differs from the unsealed secret, so that tests find a secret on the disk.
      case "seal":
        return {
          sealed: Buffer.concat([
            Buffer.from("sealed:"),
            flipped(String(Reflect.get(request, "secret"))),
          ]).toString("base64"),
        };
      case "unseal":
        if (
          !Buffer.from(String(Reflect.get(request, "sealed")), "base64")
            .toString("latin1")
            .startsWith("sealed:")
        )
          throw new OutriderError("sealed-elsewhere");
        return {
          secret: flipped(
            Buffer.from(String(Reflect.get(request, "sealed")), "base64")
              .subarray(7)
              .toString("base64"),
          ).toString("base64"),
        };
      // Nothing is wiped; a file beside the shards records the request.
      case "decommission":
        writeFileSync(join(this.#options.folder, "decommissioned"), jobId);
        return {};
      case "networkReports":
        return { reports: [] };
      // The fake has no console.
      case "consoleRequests":
        return { updates: false, supportBundle: false, stopScans: [] };
      case "shards":
        return { running: this.#running(jobId), failed: [] };
      default:
        throw new OutriderError("not-allowed", { detail: name });
    }
  }

  #start(name: string): void {
    if (isAlive(this.#pid(name))) return;
    const child = spawn(process.execPath, [this.#options.scanMain ?? scanMain, name], {
      detached: true,
      stdio: "ignore",
      env: { PATH: process.env.PATH ?? "", ...this.#options.environment },
    });
    child.unref();
    writeFileSync(join(this.#options.folder, `${name}.pid`), String(child.pid));
  }

  #running(jobId: string): number[] {
    return readdirSync(this.#options.folder).flatMap((file) => {
      const shard = new RegExp(`^${jobId}-(\\d+)\\.pid$`).exec(file)?.[1];
      if (shard === undefined) return [];
      if (isAlive(this.#pid(`${jobId}-${shard}`))) return [Number(shard)];
      rmSync(join(this.#options.folder, file), { force: true });
      return [];
    });
  }

  #pid(name: string): number {
    try {
      return Number(readFileSync(join(this.#options.folder, `${name}.pid`), "utf8"));
    } catch {
      return 0;
    }
  }

  /** Ends every shard that still runs. */
  stopAll(): void {
    for (const file of readdirSync(this.#options.folder))
      if (file.endsWith(".pid")) kill(this.#pid(file.replace(/\.pid$/, "")));
  }
}

function flipped(base64: string): Buffer {
  return Buffer.from(Buffer.from(base64, "base64").map((byte) => byte ^ 0x5a));
}

/** A zombie process is not alive. */
function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The runner and its engine are a process group of their own. */
function kill(pid: number): void {
  if (!isAlive(pid)) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The process has ended meanwhile.
  }
}
