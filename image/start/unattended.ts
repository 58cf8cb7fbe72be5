import { hosts, platformUrl } from "../lab/addresses.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress } from "../run/progress.ts";
import { untilStopped } from "../run/stop-signals.ts";
import { openTerminal, type Terminal } from "../terminal/terminal.ts";
import { Narrator, tellStory } from "./story.ts";

/** `npm start` without a terminal: the same story, one line an event. */
export async function startUnattended(log: EventLog): Promise<number> {
  const narrator = new Narrator(log);
  const holder: { lab?: Lab<Terminal>; console?: Terminal } = {};
  const work = async () => {
    const lab = await narrator.during("set-up", () =>
      startLab({
        openConsole: ([command, ...args]) => openTerminal({ command, args }),
        progress: lineProgress(process.stdout),
      }),
    );
    holder.lab = lab;
    narrator.tell(`platform up: ${lab.platform.url}`);
    await narrator.during("boot", async () => {
      await lab.appliance.start();
      holder.console = lab.appliance.console;
      const { state, failedUnits } = await lab.appliance.booted();
      if (failedUnits.length > 0) throw new Error(`units failed: ${failedUnits.join(", ")}`);
      narrator.tell(`appliance booted: systemd says ${state}`);
    });
    await tellStory(
      {
        operator: new Operator(lab.platform),
        console: lab.appliance.console,
        platformUrl,
        targets: [hosts.web.address, hosts.ssh.address, hosts.redis.address],
        ports: "all",
        addressPattern: /192\.0\.2\.1\d\d\/24/,
      },
      narrator,
    );
  };
  const exitCode = await untilStopped(log, work, async (error) => {
    if (holder.lab !== undefined) {
      log.write(`the platform's log:\n${holder.lab.platform.log()}`);
      log.write(`the appliance's journal:\n${await holder.lab.appliance.journal().catch(String)}`);
    }
    narrator.fail(error, holder.console);
  });
  await holder.lab?.stop();
  return exitCode;
}
