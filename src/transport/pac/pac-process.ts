import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { domainToASCII, fileURLToPath } from "node:url";
import { OutriderError } from "../../base/messages/error.ts";
import { type Fact, fact, quoted } from "../../base/messages/facts.ts";
import type { Resolve } from "../stages/resolve.ts";
import { abortReason, errorText } from "../wire/time-limit.ts";
import { defaultPacLimits, type PacLimits } from "./limits.ts";
import { longestReply, type PacQuestion, type PacReply, readPacReply } from "./messages.ts";

export interface PacCase {
  script: string;
  /** https://host:port/ without a path: the script need not know more. */
  url: string;
  host: string;
  nowMs: number;
  ownAddress: string;
}

/** Returns the result of FindProxyForURL. Rejects with OutriderError "proxy-pac-failed". */
export type EvaluatePac = (
  question: PacCase,
  resolve: Resolve,
  signal: AbortSignal,
) => Promise<string>;

/** Each round gives the script the addresses of the names that it asked for in the one before. */
const mostRounds = 6;

/**
 * Evaluates PAC files in a process that exists only while there is something to evaluate. The
 * script runs in an engine inside WebAssembly, which has no way out. Should it find one, its
 * process may read nothing but its own program (`node --permission`), uses none of the agent's
 * memory, and is killed when the time is over.
 */
export class PacEngine {
  readonly #limits: PacLimits;
  #process: PacProcess | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(limits: PacLimits = defaultPacLimits) {
    this.#limits = limits;
  }

  /** One evaluation at a time: five services that ask at once need one process and not five. */
  readonly evaluate: EvaluatePac = async (question, resolve, signal) => {
    this.#waiting++;
    const mine = this.#last.then(() => this.#run(question, resolve, signal));
    this.#last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#end();
    }
  };

  async #run(question: PacCase, resolve: Resolve, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#process ??= new PacProcess();
    const { evaluationMs, namesMs, scriptMs } = this.#limits;
    const stop = AbortSignal.any([signal, AbortSignal.timeout(evaluationMs)]);
    // Without a prototype: a script may ask for a host of any name, also `__proto__`.
    const names: Record<string, readonly string[]> = Object.create(null);
    try {
      for (let round = 0; round < mostRounds; round++) {
        const reply = await this.#process.ask({ ...question, names, limitMs: scriptMs }, stop);
        if (reply.kind === "answer") return reply.answer;
        if (reply.kind === "fault")
          throw new OutriderError("proxy-pac-failed", { detail: quoted(reply.fault) });
        const limit = AbortSignal.any([stop, AbortSignal.timeout(namesMs)]);
        const found = await Promise.all(
          reply.names.map(async (name) => [name, await addressesOf(name, resolve, limit)] as const),
        );
        for (const [name, addresses] of found) names[name] = addresses;
      }
      throw new OutriderError("proxy-pac-failed", { detail: fact("pac-names") });
    } catch (error) {
      this.#end();
      if (signal.aborted) throw abortReason(signal);
      if (stop.aborted)
        throw new OutriderError("proxy-pac-failed", {
          detail: fact("pac-no-answer", { seconds: evaluationMs / 1000 }),
        });
      throw error;
    }
  }

  #end(): void {
    this.#process?.kill();
    this.#process = null;
  }
}

/** A name that cannot be resolved has no address, as in browsers. */
async function addressesOf(
  name: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  // RFC 5891, as in browsers. Of what is no name, domainToASCII makes an empty text.
  const asked = /^[\x21-\x7e]*$/.test(name) ? name : domainToASCII(name);
  if (asked.length > 253 || !/^[A-Za-z0-9_.-]+$/.test(asked)) return [];
  return resolve(asked, signal).catch(() => []);
}

class PacProcess {
  readonly #child: ChildProcess;
  #received = "";
  #errors = "";
  #waiting: { resolve(reply: PacReply): void; reject(error: Error): void } | null = null;
  #broken: Error | null = null;

  constructor() {
    const { folder, program } = programFiles(import.meta.url);
    const child = spawn(
      process.execPath,
      [
        "--permission",
        `--allow-fs-read=${folder}`,
        "--max-old-space-size=64",
        "--max-semi-space-size=1",
        "--no-warnings",
        program,
      ],
      {
        env: {
          MALLOC_ARENA_MAX: "1",
          ...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }),
        },
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    this.#child = child;
    child.once("error", (error) => this.#breakDown(quoted(errorText(error))));
    child.once("close", (code, killedBy) =>
      this.#breakDown(
        fact("pac-ended", { code: String(killedBy ?? code), said: lastLine(this.#errors) }),
      ),
    );
    child.stdin?.on("error", () => undefined);
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString("latin1")).slice(-2000);
    });
    child.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk.toString("utf8")));
  }

  ask(question: PacQuestion, stop: AbortSignal): Promise<PacReply> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(this.#broken);
      if (stop.aborted) return reject(abortReason(stop));
      const onAbort = () => reject(abortReason(stop));
      const over = () => {
        stop.removeEventListener("abort", onAbort);
        this.#waiting = null;
      };
      stop.addEventListener("abort", onAbort, { once: true });
      this.#waiting = {
        resolve: (reply) => {
          over();
          resolve(reply);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #receive(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf("\n");
    if (end < 0) {
      if (this.#received.length > longestReply) this.#breakDown(fact("pac-answer-long"));
      return;
    }
    const reply = readPacReply(this.#received.slice(0, end));
    this.#received = this.#received.slice(end + 1);
    if (reply) this.#waiting?.resolve(reply);
    else this.#breakDown(fact("pac-answer-strange"));
  }

  #breakDown(detail: Fact): void {
    this.#broken ??= new OutriderError("proxy-pac-failed", { detail });
    this.#waiting?.reject(this.#broken);
  }
}

/**
 * The evaluating program and the folder that it may read: beside the bundle in the image; in
 * development the program's modules are spread over the whole project.
 */
function programFiles(self: string): { folder: string; program: string } {
  const here = dirname(fileURLToPath(self));
  if (self.endsWith(".js")) return { folder: here, program: join(here, "pac.js") };
  return { folder: join(here, "../../.."), program: join(here, "main.ts") };
}

function lastLine(text: string): string {
  return (text.trim().split("\n").at(-1) ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
