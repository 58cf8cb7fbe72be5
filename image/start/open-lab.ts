import { hostNames, hosts, platformUrl } from "../lab/addresses.ts";
import { startLab } from "../lab/lab.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress } from "../run/progress.ts";
import { stopSignal } from "../run/stop-signals.ts";
import { openTerminal } from "../terminal/terminal.ts";

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
    await stopped;
    return 0;
  } finally {
    await lab.stop();
  }
}
