import { openTerminal, type Terminal } from "../../test/testkit/terminal.ts";
import { hosts, platformUrl } from "../lab/addresses.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "./event-log.ts";
import { lineProgress } from "./progress.ts";
import { signalExitCodes, stopSignal } from "./stop-signals.ts";
import { Narrator, tellStory } from "./story.ts";

/** `npm start` without a terminal: the same story, one line an event. */
export async function startUnattended(log: EventLog): Promise<number> {
  const narrator = new Narrator(log);
  const stopped = stopSignal();
  const holder: { lab?: Lab<Terminal>; console?: Terminal } = {};
  const work = async () => {
    const lab = await narrator.during("set-up", () =>
      startLab({ openConsole: ([command, ...args]) => openTerminal({ command, args }), progress: lineProgress(process.stdout) }),
    );
    holder.lab = lab;
    narrator.tell(`platform up: ${lab.platform.url}`);
    const state = await narrator.during("boot", async () => {
      await lab.appliance.start();
      holder.console = lab.appliance.console;
      return await lab.appliance.booted();
    });
    narrator.tell(`appliance booted: systemd says ${state.state}`);
    if (state.failedUnits.length > 0) throw new Error(`units failed: ${state.failedUnits.join(", ")}`);
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
  try {
    const signal = await Promise.race([stopped, work().then(() => null)]);
    return signal === null ? 0 : signalExitCodes[signal];
  } catch (error) {
    await explain(error, narrator, log, holder);
    return 1;
  } finally {
    await holder.lab?.stop();
  }
}

async function explain(
  error: unknown,
  narrator: Narrator,
  log: EventLog,
  { lab, console: screen }: { lab?: Lab<Terminal>; console?: Terminal },
): Promise<void> {
  const cause = error instanceof Error ? error.message : String(error);
  log.write(`failed: ${error instanceof Error ? error.stack : cause}`);
  if (screen !== undefined) log.write(`the console's last screen:\n${screen.screen().join("\n")}`);
  if (lab !== undefined) {
    log.write(`the platform's log:\n${lab.platform.log()}`);
    log.write(`the appliance's journal:\n${await lab.appliance.journal().catch(String)}`);
  }
  process.stdout.write(`FAILED at step "${narrator.step}": ${cause.split("\n")[0]}\nThe log, with the console's last screen, is ${log.path}\n`);
}
