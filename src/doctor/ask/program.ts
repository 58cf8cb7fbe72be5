import { execa } from "execa";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";

const largestAnswerBytes = 2 ** 20;

/**
 * What a program printed, whatever its exit status. Rejects with OutriderError "system-failed" when
 * it could not be run or did not end in time.
 */
export async function ask(
  program: string,
  args: readonly string[],
  { limitMs, signal }: { limitMs: number; signal?: AbortSignal | undefined },
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const result = await execa(program, args, {
    reject: false,
    timeout: limitMs,
    maxBuffer: largestAnswerBytes,
    stdin: "ignore",
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== undefined) return { stdout, stderr, exitCode };
  const said = result.failed ? (result.shortMessage ?? "") : "";
  throw new OutriderError("system-failed", {
    detail: result.timedOut
      ? fact("program-late", { program })
      : fact("program-said", { program, said: said.slice(0, 300) }),
    cause: result,
  });
}
