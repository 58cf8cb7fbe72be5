import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OutriderError } from "../../protocol/error.ts";
import type { Resolve } from "../resolve.ts";
import { abortReason, errorText } from "../time-limit.ts";
import { longestReply, type PacQuestion, type PacReply, readPacReply } from "./messages.ts";

export interface PacCase {
  script: string;
  /** https://host:port/ without a path: where one goes on a host is none of the script's business. */
  url: string;
  host: string;
  nowMs: number;
  ownAddress: string;
}

/** Gives what FindProxyForURL answers; rejects with proxy-pac-failed. */
export type EvaluatePac = (question: PacCase, resolve: Resolve, signal: AbortSignal) => Promise<string>;

/** Each round tells the script the names that it asked for in the one before. */
const mostRounds = 6;
/** Beside the run's own limit in the engine, for what that cannot interrupt. */
const wholeLimitMs = 3500;
const nameLimitMs = 1500;

/**
 * Evaluates a PAC file in a process that is started for it. The script runs in an engine of its own inside WebAssembly, which has
 * no way out; should it find one it is in a process that may read nothing but its own program (`node --permission`); and
 * whatever it does takes no memory of the agent's, and ends when the time is over.
 */
export const evaluatePacInProcess: EvaluatePac = async (question, resolve, signal) => {
  signal.throwIfAborted();
  const { folder, program } = whereabouts(import.meta.url);
  const child = spawn(
    process.execPath,
    ["--permission", `--allow-fs-read=${folder}`, "--max-old-space-size=64", "--max-semi-space-size=1", "--no-warnings", program],
    { env: { MALLOC_ARENA_MAX: "1", ...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }) }, stdio: ["pipe", "pipe", "pipe"] },
  );
  const tooLong = () => new OutriderError("proxy-pac-failed", { detail: `the PAC file has no answer within ${wholeLimitMs / 1000} s` });
  const stop = AbortSignal.any([signal, AbortSignal.timeout(wholeLimitMs)]);
  const ask = questioner(child, stop, () => (signal.aborted ? abortReason(signal) : tooLong()));
  try {
    const names: Record<string, readonly string[]> = {};
    for (let round = 0; round < mostRounds; round++) {
      const reply = await ask({ ...question, names });
      if (reply.kind === "answer") return reply.answer;
      if (reply.kind === "fault") throw new OutriderError("proxy-pac-failed", { detail: reply.fault });
      const limit = AbortSignal.any([stop, AbortSignal.timeout(nameLimitMs)]);
      const found = await Promise.all(reply.names.map(async (name) => [name, await addressesOf(name, resolve, limit)] as const));
      for (const [name, addresses] of found) names[name] = addresses;
    }
    throw new OutriderError("proxy-pac-failed", { detail: "the PAC file asks for ever more names" });
  } finally {
    child.kill("SIGKILL");
  }
};

/** A name that cannot be looked up has no address, as in a browser. */
async function addressesOf(name: string, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  if (name.length > 253 || !/^[A-Za-z0-9_.-]+$/.test(name)) return [];
  return resolve(name, signal).catch(() => []);
}

function questioner(child: ChildProcess, stop: AbortSignal, whenStopped: () => Error): (question: PacQuestion) => Promise<PacReply> {
  let received = "";
  let errors = "";
  let answered: ((reply: PacReply) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  let ended: Error | null = null;
  const fail = (error: Error) => {
    ended ??= error;
    failed?.(ended);
  };
  const broken = (detail: string) => fail(new OutriderError("proxy-pac-failed", { detail }));
  stop.addEventListener("abort", () => fail(whenStopped()), { once: true });
  child.once("error", (error) => broken(errorText(error)));
  child.once("close", (code, killedBy) => broken(`its evaluation ended with ${killedBy ?? code}: ${lastLine(errors)}`));
  child.stdin?.on("error", () => undefined);
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString("latin1")).slice(-2000);
  });
  child.stdout?.on("data", (chunk: Buffer) => {
    received += chunk.toString("utf8");
    const end = received.indexOf("\n");
    if (end < 0) {
      if (received.length > longestReply) broken("its answer is too long");
      return;
    }
    const reply = readPacReply(received.slice(0, end));
    received = received.slice(end + 1);
    if (reply) answered?.(reply);
    else broken("its answer was not understood");
  });
  return (question) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      answered = resolve;
      failed = reject;
      child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
}

/** The program beside the bundle in the image; beside this file in development, where it is made of the whole project. */
function whereabouts(self: string): { folder: string; program: string } {
  const here = dirname(fileURLToPath(self));
  if (self.endsWith(".js")) return { folder: here, program: join(here, "pac.js") };
  return { folder: join(here, "../../.."), program: join(here, "main.ts") };
}

function lastLine(text: string): string {
  return (text.trim().split("\n").at(-1) ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
