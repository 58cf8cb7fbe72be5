import { execFile } from "node:child_process";
import { OutriderError } from "../../protocol/error.ts";
import { abortReason } from "../time-limit.ts";
import type { NegotiateToken } from "./negotiate.ts";

/** A Kerberos ticket with all its group data: Windows' own bound is 48,000 bytes, in base64 a third more. */
const longestTokenCharacters = 64 * 1024;

/**
 * Tokens by a program that is run once for each: its only argument is the service principal, its standard output the token in
 * base64. Where it finds its ticket or keytab is in its environment, so no secret is in the arguments.
 */
export function helperToken(program: string, environment: Readonly<Record<string, string>> = {}): NegotiateToken {
  return (servicePrincipal, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const options = {
        encoding: "latin1",
        maxBuffer: longestTokenCharacters,
        signal,
        killSignal: "SIGKILL",
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C", ...environment },
      } as const;
      execFile(program, [servicePrincipal], options, (error, output, errors) => {
        if (signal.aborted) return reject(abortReason(signal));
        if (error) return reject(new OutriderError("proxy-helper-failed", { detail: lastLine(errors) || endOf(error) }));
        const token = output.trim();
        if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token)) return reject(new OutriderError("proxy-helper-failed", { detail: "it gave no token" }));
        resolve(token);
      }).stdin?.end();
    });
}

/** What a GSS library says about its fault stands last. */
function lastLine(text: string): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

function endOf(error: { code?: unknown; signal?: unknown }): string {
  return error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" ? "its token is too long" : `it ended with ${String(error.signal ?? error.code)}`;
}
