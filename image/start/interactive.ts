import { createInterface } from "node:readline/promises";
import { platformUrl } from "../lab/addresses.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "./event-log.ts";
import { lineProgress } from "./progress.ts";
import { openRelay, type Relay } from "./relay.ts";
import { signalExitCodes, stopSignal } from "./stop-signals.ts";

/** `npm start` with a terminal: the appliance's console opens in it. */
export async function startInteractive(log: EventLog): Promise<number> {
  const { stdout } = process;
  const stopped = stopSignal().then((signal) => ({ signal }));
  let lab: Lab<Relay> | null = null;
  const work = async () => {
    lab = await startLab({ openConsole: openRelay, progress: lineProgress(stdout) });
    log.write(`lab ${lab.name}`);
    return await visit(lab, log);
  };
  try {
    const end = await Promise.race([stopped, work().then((exitCode) => ({ exitCode }))]);
    return "signal" in end ? signalExitCodes[end.signal] : end.exitCode;
  } catch (error) {
    log.write(String(error instanceof Error ? error.stack : error));
    stdout.write(`\nIt could not be started: ${error instanceof Error ? error.message : String(error)}\nThe log is ${log.path}\n`);
    return 1;
  } finally {
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    await runningLab(lab)?.stop();
    stdout.write("\x1b]0;\x07Everything that was started has been stopped.\n");
  }
}

/** TypeScript does not see the assignment inside `work`. */
function runningLab(lab: Lab<Relay> | null): Lab<Relay> | null {
  return lab;
}

async function visit(lab: Lab<Relay>, log: EventLog): Promise<number> {
  const { stdin, stdout } = process;
  await lab.appliance.start();
  const page = await lab.platform.forward();
  const { code } = await new Operator(lab.platform).makeActivationCode("npm start");
  const pageUrl = `https://127.0.0.1:${page.port}/`;
  const facts = [
    "",
    "  Outrider is running on this machine, in a laboratory of its own:",
    "",
    `  The platform's page   ${pageUrl}  (its certificate is its own: the browser will ask)`,
    `    log in with         ${await lab.platform.token()}`,
    "",
    "  At the appliance's console, on its Platform screen, type",
    `    platform address    ${platformUrl}`,
    `    activation code     ${code}`,
    "",
    "  Something to scan     192.0.2.10-12 (a web server, an SSH server, a key-value store)",
    "  To leave              Ctrl-] or Ctrl-C: everything that was started is stopped",
    "",
  ].join("\n");
  stdout.write(`${facts}\n`);
  log.write(facts);
  const reader = createInterface({ input: stdin, output: stdout });
  // Ctrl-C at this question is a key for readline, not a signal.
  const left = await Promise.race([
    reader.question("  Press Enter to open the appliance's console. ").then(() => false),
    new Promise<boolean>((resolve) => reader.on("close", () => resolve(true))),
  ]);
  reader.close();
  if (left) return 0;
  // In sight while the console has the whole screen.
  stdout.write(`\x1b]0;Outrider: page ${pageUrl}  code ${code}  address ${platformUrl}  leave: Ctrl-]\x07`);
  const end = await lab.appliance.console.show();
  log.write(`console: ${end}`);
  page.close();
  stdout.write(end === "ended" ? "The appliance is off.\n" : `${facts}\n`);
  return 0;
}
