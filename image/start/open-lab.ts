import { hostNames, hosts, platformUrl } from "../lab/addresses.ts";
import type { Appliance } from "../lab/appliance.ts";
import { containerEnd } from "../lab/appliance-end.ts";
import { startLab } from "../lab/lab.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress } from "../run/progress.ts";
import { stopSignal } from "../run/stop-signals.ts";
import { openTerminal, type Terminal } from "../terminal/terminal.ts";

/** `npm run lab`: a lab with the appliance booted, until Ctrl-C. */
export async function openLab(log: EventLog): Promise<number> {
  const stopped = stopSignal();
  const lab = await startLab({
    openConsole: ([command, ...args]) => openTerminal({ command, args }),
    progress: lineProgress(process.stdout),
    proxy: {},
  });
  try {
    await lab.appliance.start();
    const { state, failedUnits } = await lab.appliance.booted();
    const page = await lab.platform.forward();
    const { code } = await new Operator(lab.platform).makeActivationCode("npm run lab");
    const enter = `nsenter -t ${lab.pid} -m -n -p -i -u`;
    const lines = [
      `${lab.name}: appliance ${state}${failedUnits.length === 0 ? "" : `, failed: ${failedUnits.join(", ")}`}`,
      `  page          https://127.0.0.1:${page.port}/  token in ${lab.platform.tokenPath()}`,
      `  enrol with    ${platformUrl}  ${code}`,
      `  hosts         ${hostNames.map((name) => `${name} ${hosts[name].address}`).join(", ")}`,
      `  a shell       ${enter}`,
      `  on a host     ${enter} ip netns exec station chroot /run/lab/peers bash`,
      `  in the appliance   ${lab.appliance.enterCommand()}`,
      "Ctrl-C ends it.",
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    log.write(lines.join("\n"));
    void restartAlways(lab.appliance, log);
    await stopped;
    return 0;
  } finally {
    await lab.stop();
  }
}

/** As a hypervisor does. A shut down appliance stays off. */
async function restartAlways(appliance: Appliance<Terminal>, log: EventLog): Promise<void> {
  for (;;) {
    const end = containerEnd(await appliance.console.exit);
    const words = { restart: "restarts", off: "was shut down", crash: "ended by a fault" }[end];
    process.stdout.write(`The appliance ${words}.\n`);
    log.write(`the appliance ${words}`);
    if (end !== "restart") return;
    await appliance.start();
  }
}
