import { platformUrl } from "../lab/addresses.ts";
import { containerEnd } from "../lab/appliance-end.ts";
import { type Lab, startLab } from "../lab/lab.ts";
import { Operator } from "../lab/operator.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress } from "../run/progress.ts";
import { untilStopped } from "../run/stop-signals.ts";
import { openRelay, type Relay } from "./relay.ts";
import { UnspentCode } from "./unspent-code.ts";
import { visitConsole } from "./visit.ts";

/** `npm start` with a terminal: the appliance's console opens in it. */
export async function startInteractive(log: EventLog): Promise<number> {
  const { stdout } = process;
  const holder: { lab?: Lab<Relay> } = {};
  const exitCode = await untilStopped(log, async () => {
    const lab = await startLab({ openConsole: openRelay, progress: lineProgress(stdout) });
    holder.lab = lab;
    await lab.appliance.start();
    const page = await lab.platform.forward();
    const { appliance } = lab;
    const codes = new UnspentCode(new Operator(lab.platform), "npm start");
    const stage = {
      facts: {
        title: "Outrider runs on this machine, in a laboratory of its own:",
        pageUrl: `https://127.0.0.1:${page.port}/`,
        token: await lab.platform.token(),
        platformUrl,
        targets: "192.0.2.10-192.0.2.12: web, SSH and key-value server",
      },
      code: () => codes.get(),
      console: appliance.console,
      endOf: containerEnd,
      switchOn: async () => {
        await appliance.start();
        return appliance.console;
      },
      kept: "What it stored is still there.",
      hasFooter: true,
    };
    await visitConsole(stage, log);
    page.close();
  });
  await holder.lab?.stop();
  stdout.write("Everything that was started has been stopped.\n");
  return exitCode;
}
