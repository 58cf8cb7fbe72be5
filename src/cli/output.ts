import { OutriderError } from "../base/messages/error.ts";
import { SettingsRefused } from "../configd/api/settings-refused.ts";
import { describeFieldProblem } from "../settings/model/problems.ts";

/** The exit codes; the help page lists the same. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  checksFailed: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command was called wrongly. */
export class UsageError extends Error {}

/** The output of a command. */
export interface Output {
  line(text?: string): void;
  error(text: string): void;
  json(value: unknown): void;
}

export function streamOutput(
  out: { write(text: string): unknown },
  err: { write(text: string): unknown },
): Output {
  return {
    line: (text = "") => out.write(`${printable(text)}\n`),
    error: (text) => err.write(`${printable(text)}\n`),
    json: (value) => out.write(`${JSON.stringify(value, null, 2)}\n`),
  };
}

/** Texts from elsewhere (a platform's name, a server's banner) must not move the cursor. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "?");
}

/** Prints what happened, why, and what to do next; as JSON for programs. Returns the exit code. */
export function reportError(error: unknown, output: Output, asJson: boolean): ExitCode {
  if (error instanceof UsageError) {
    output.error(`outrider: ${error.message}`);
    output.error("Try `outrider help`.");
    return exitCodes.usage;
  }
  if (!(error instanceof OutriderError)) throw error;
  const { what, why, remedy } = error.description;
  const problems =
    error instanceof SettingsRefused
      ? error.problems.map((problem) => ({ ...problem, ...describeFieldProblem(problem) }))
      : [];
  if (asJson)
    output.json({
      error: { code: error.code, what, why, remedy, detail: error.detail ?? null, problems },
    });
  else {
    output.error(`outrider: ${what}`);
    for (const problem of problems)
      output.error(`  ${problem.field}: ${problem.message} ${problem.example}`);
    if (problems.length === 0) {
      if (error.detail) output.error(`  Details: ${error.detail}`);
      output.error(`  Why:     ${why}`);
      output.error(`  Next:    ${remedy}`);
    }
  }
  if (error.code === "configd-unreachable") return exitCodes.unreachable;
  return error.code === "settings-invalid" || error.code === "code-malformed"
    ? exitCodes.refused
    : exitCodes.failed;
}

/** Rows with their first columns aligned. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => (row[index] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join("  "),
  );
}
