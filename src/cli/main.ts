import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { userInfo } from "node:os";
import { licences } from "../base/licences.ts";
import { entryPath } from "../base/process-path.ts";
import { onStopSignals } from "../base/stop-signals.ts";
import { softwareVersion } from "../base/version.ts";
import { UnixConfigdClient } from "../configd/api/client.ts";
import { appliancePaths, applianceRoot } from "../configd/api/paths.ts";
import { streamInput } from "./input.ts";
import { streamOutput } from "./output.ts";
import { runCli } from "./run.ts";

const { consoleSocket } = appliancePaths(applianceRoot());

process.exitCode = await runCli(process.argv.slice(2), {
  connect: (socketPath) => new UnixConfigdClient(socketPath ?? consoleSocket),
  input: streamInput(process.stdin, process.stderr),
  output: streamOutput(process.stdout, process.stderr),
  caller: caller(),
  version: () => softwareVersion(),
  licences: () => licences(),
  onInterrupt: (stop) => onStopSignals(["SIGINT"], stop),
  openConsole,
});

/** User and terminal, as `root pts/0`. SUDO_USER is the person behind root. */
function caller(): string {
  const user = process.env.SUDO_USER ?? userInfo().username;
  try {
    const terminal = readlinkSync("/proc/self/fd/0");
    return terminal.startsWith("/dev/") && terminal !== "/dev/null"
      ? `${user} ${terminal.slice(5)}`
      : user;
  } catch {
    return user;
  }
}

/** The console is a program of its own, and takes over the terminal as it is. */
function openConsole(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entryPath("console"), ...args], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 0 : 1)));
  });
}
