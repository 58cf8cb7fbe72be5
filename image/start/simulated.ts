import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { machineEnd } from "../lab/appliance-end.ts";
import { Operator } from "../lab/operator.ts";
import { projectFolder } from "../root/system-layer.ts";
import type { EventLog } from "../run/event-log.ts";
import { untilStopped } from "../run/stop-signals.ts";
import { openTerminal, type Terminal } from "../terminal/terminal.ts";
import { type PlatformProcess, startPlatformProcess } from "./platform-process.ts";
import { openRelay } from "./relay.ts";
import { Narrator, tellStory } from "./story.ts";
import { UnspentCode } from "./unspent-code.ts";
import { visitConsole } from "./visit.ts";

const targets = ["192.0.2.10", "192.0.2.11", "192.0.2.12"];

const consoleEndMs = 8_000;

/**
 * `npm start` where there is no lab: platform, agent and console are real, as plain processes; the
 * machine under them is only described (src/simulation/machines/NAME.json), and so is what nmap
 * finds.
 */
export async function startSimulated(
  obstacle: string | null,
  args: readonly string[],
  log: EventLog,
): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { simulated: { type: "boolean" }, machine: { type: "string", default: "one-nic" } },
  });
  const narrator = new Narrator(log, "simulated  ");
  if (obstacle !== null)
    process.stdout.write(
      `simulated  No lab here: ${obstacle}. Nothing that follows is a real machine or network.\n`,
    );
  const command = [
    process.execPath,
    join(projectFolder, "console/main.ts"),
    "--dry-run",
    "--machine",
    values.machine,
  ] as const;
  const holder: {
    platform?: PlatformProcess;
    console?: Terminal;
    closeConsole?: () => Promise<void>;
  } = {};
  const work = async () => {
    const platform = await narrator.during("platform", () =>
      startPlatformProcess("localhost", "127.0.0.1/32"),
    );
    holder.platform = platform;
    const operator = new Operator(platform);
    if (process.stdin.isTTY && process.stdout.isTTY) {
      const codes = new UnspentCode(operator, "npm start, simulated");
      const switchOn = async () => {
        const relay = openRelay(command);
        holder.closeConsole = async () => {
          relay.close();
          await Promise.race([relay.exit, delay(consoleEndMs, undefined, { ref: false })]);
        };
        return relay;
      };
      const stage = {
        facts: {
          title: `Outrider runs on this machine, SIMULATED (machine ${values.machine}):`,
          pageUrl: `${platform.url}/`,
          token: platform.token,
          platformUrl: platform.url,
          targets: "192.0.2.10-192.0.2.12, which are only described",
        },
        code: () => codes.get(),
        console: await switchOn(),
        endOf: machineEnd,
        switchOn,
        kept: "A described machine keeps nothing when it is off.",
        hasFooter: true,
      };
      await visitConsole(stage, log);
      return;
    }
    narrator.tell(`platform up: ${platform.url}`);
    const [program, ...rest] = command;
    const screen = openTerminal({ command: program, args: rest });
    holder.console = screen;
    holder.closeConsole = () => screen.close();
    await narrator.during("described machine", async () => {
      await screen.waitFor("SIMULATED", {
        timeoutMs: 60_000,
        what: "the console over the described machine",
      });
      narrator.tell(`appliance booted: described machine ${values.machine}`);
    });
    await tellStory(
      {
        operator,
        console: screen,
        platformUrl: platform.url,
        targets,
        ports: "top-1000",
        addressPattern: /192\.0\.2\.\d+\/24/,
      },
      narrator,
    );
  };
  const exitCode = await untilStopped(log, work, async (error) => {
    if (holder.platform !== undefined) log.write(`the platform's log:\n${holder.platform.log()}`);
    narrator.fail(error, holder.console);
  });
  await holder.closeConsole?.();
  await holder.platform?.stop();
  return exitCode;
}
