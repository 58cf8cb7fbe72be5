import { execa } from "execa";
import { OutriderError } from "../../base/messages/error.ts";
import type { ErrorCode } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { UnitState } from "./system.ts";

const commandTimeoutMs = 30_000;

export interface CommandOptions {
  input?: string | Uint8Array | undefined;
  timeoutMs?: number | undefined;
  environment?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /**
   * The error code for a program that ran and exited with a failure of its own: not killed, and not
   * too slow.
   */
  refusal?: ErrorCode | undefined;
  /** Returns output and standard error together, also of a program that exits with a failure. */
  anyAnswer?: boolean | undefined;
}

/**
 * Runs a program of the system and returns its output. Throws OutriderError "system-failed" (or
 * `refusal`) with the program's message as its detail. Never pass a secret in `args`: every user can
 * read it (proc_pid_cmdline(5)).
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Buffer> {
  const result = await execa(program, [...args], {
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
  const message = Buffer.from(result.stderr ?? [])
    .toString("utf8")
    .trim()
    .slice(0, 400);
  const named = [program, ...args.slice(0, 1)].join(" ");
  throw new OutriderError(
    options.refusal !== undefined && result.exitCode !== undefined
      ? options.refusal
      : "system-failed",
    {
      detail:
        message === "" && result.timedOut
          ? fact("program-late", { program: named })
          : fact("program-said", { program: named, said: message || (result.shortMessage ?? "") }),
      cause: result.cause,
    },
  );
}

/** Runs a program whose failure does no harm; `_why` documents the reason at the call. */
export async function tryCommand(
  _why: string,
  program: string,
  args: readonly string[],
): Promise<void> {
  try {
    await runCommand(program, args);
  } catch (error) {
    if (!(error instanceof OutriderError)) throw error;
  }
}

/** The loaded units whose names match a glob. */
export async function listUnits(pattern: string): Promise<UnitState[]> {
  // systemctl(1): unlike list-units, show has the result of a unit that ended, and takes a pattern
  // for loaded units.
  const text = await runCommand("systemctl", [
    "show",
    "--property=Id,ActiveState,Result,Job",
    pattern,
  ]);
  return readUnits(text.toString("utf8"));
}

/** Parses blocks of `Name=value` lines that are separated by an empty line. */
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
            activeState: stateOf(block),
            result: block.get("Result") ?? "",
          },
        ]
      : [];
  });
}

/**
 * `systemctl start --no-block` returns when the start is queued. Until systemd begins with it the
 * unit is still inactive, or failed from before, and only its job tells it from one that has ended.
 */
function stateOf(block: ReadonlyMap<string, string>): string {
  const state = block.get("ActiveState") ?? "unknown";
  const isQueued = /^[1-9]/.test(block.get("Job") ?? "");
  return isQueued && (state === "inactive" || state === "failed") ? "activating" : state;
}
