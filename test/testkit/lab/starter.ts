import { startLab } from "../../../image/lab/lab.ts";
import { openTerminal } from "../../../image/terminal/terminal.ts";

/**
 * A process of its own with a lab, to be killed: prints the lab's name and the PID of its first
 * process as JSON.
 */
const lab = await startLab({
  openConsole: ([command, ...args]) => openTerminal({ command, args }),
});
await lab.appliance.start();
await lab.appliance.booted();
process.stdout.write(`${JSON.stringify({ name: lab.name, pid: lab.pid })}\n`);
