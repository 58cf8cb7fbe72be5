import { execa } from "execa";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { UnitState } from "./system.ts";

const commandTimeoutMs = 30_000;

export interface CommandOptions {
  input?: string | Uint8Array;
  timeoutMs?: number;
  environment?: Record<string, string>;
  signal?: AbortSignal;
  /**
   * The error's code when the program itself said no: it was there, and neither killed nor too
   * slow.
   */
  refusal?: ErrorCode;
  /**
   * A program that fails has said why, and that is an answer too: with its standard error, and
   * without an error of our own.
   */
  anyAnswer?: boolean;
}

/**
 * Runs a program of the system; what it said becomes the detail of the error. Never pass a secret
 * in `words`.
 */
export async function runCommand(
  program: string,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<Buffer> {
  const result = await execa(program, [...words], {
    reject: false,
    encoding: "buffer",
    timeout: options.timeoutMs ?? commandTimeoutMs,
    all: options.anyAnswer ?? false,
    stdin: options.input === undefined ? "ignore" : "pipe",
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.environment ? { env: options.environment } : {}),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  if (options.anyAnswer && result.exitCode !== undefined && !result.isCanceled && !result.timedOut)
    return Buffer.from(result.all ?? []);
  if (!result.failed) return Buffer.from(result.stdout);
  const told = Buffer.from(result.stderr ?? [])
    .toString("utf8")
    .trim()
    .slice(0, 400);
  const named = [program, ...words.slice(0, 1)].join(" ");
  throw new OutriderError(
    options.refusal !== undefined && result.exitCode !== undefined
      ? options.refusal
      : "system-failed",
    {
      detail:
        told === "" && result.timedOut
          ? fact("program-late", { program: named })
          : fact("program-said", { program: named, said: told || (result.shortMessage ?? "") }),
      cause: result.cause,
    },
  );
}

export async function listUnits(pattern: string): Promise<UnitState[]> {
  // Unlike list-units, show gives the result of how a unit ended; it takes a pattern for those that
  // are loaded.
  const text = await runCommand("systemctl", ["show", "--property=Id,ActiveState,Result", pattern]);
  return readUnits(text.toString("utf8"));
}

/** Blocks of `Name=value` lines with an empty line between. */
export function readUnits(text: string): UnitState[] {
  const blocks = text
    .split(/\n\s*\n/)
    .map(
      (block) =>
        new Map(
          block
            .split("\n")
            .map((line): [string, string] => [
              line.split("=", 1)[0] ?? "",
              line.slice(line.indexOf("=") + 1),
            ]),
        ),
    );
  return blocks.flatMap((block) => {
    const name = block.get("Id");
    return name
      ? [
          {
            name,
            activeState: block.get("ActiveState") ?? "unknown",
            result: block.get("Result") ?? "",
          },
        ]
      : [];
  });
}
