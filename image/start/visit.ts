import type { ApplianceEnd, ProcessExit } from "../lab/appliance-end.ts";
import type { EventLog } from "../run/event-log.ts";
import { enterPressed } from "./question.ts";
import type { Relay } from "./relay.ts";

export interface VisitFacts {
  title: string;
  pageUrl: string;
  token: string;
  platformUrl: string;
  targets: string;
}

/** The machine that a person visits, and how it is switched on. */
export interface VisitStage {
  facts: VisitFacts;
  /** An activation code that nobody has used yet. */
  code(): Promise<string>;
  /** Of the machine, which is on. */
  console: Relay;
  /** What the end of the console's process says about the machine. */
  endOf(exit: ProcessExit): ApplianceEnd;
  switchOn(): Promise<Relay>;
  /** What a shut down machine still has when it is switched on again. */
  kept: string;
  /** Can the console be told to leave a row of the window to the footer? */
  hasFooter: boolean;
}

/**
 * Prints the addresses, then opens the console in this terminal until the person leaves. It goes on
 * over restarts, shut-downs and crashes of the machine.
 */
export async function visitConsole(stage: VisitStage, log: EventLog): Promise<void> {
  const { stdout } = process;
  let { console } = stage;
  if (!(await showFacts(stage, "Press Enter to open the appliance's console. "))) return;
  try {
    for (;;) {
      const footer = await footerOf(stage);
      // The window's title stays visible where the window has no row for the footer.
      stdout.write(`\x1b]0;page ${stage.facts.pageUrl}  ${footer}\x07`);
      const end = await console.show(stage.hasFooter ? footer : undefined);
      log.write(`console: ${end}`);
      if (end === "left") return;
      if (end === "asked") {
        if (!(await showFacts(stage, "Press Enter to go back to the console. "))) return;
        continue;
      }
      if (!(await goesOn(stage, await console.exit, log))) return;
      console = await stage.switchOn();
    }
  } finally {
    stdout.write("\x1b]0;\x07");
  }
}

/** Says how the machine ended; false when it stays off. */
async function goesOn(stage: VisitStage, exit: ProcessExit, log: EventLog): Promise<boolean> {
  const end = stage.endOf(exit);
  log.write(`the appliance's run ended: ${end}, ${JSON.stringify(exit)}`);
  if (end === "restart") {
    process.stdout.write("  The appliance restarts. Its console comes back here by itself.\n");
    return true;
  }
  const code = exit.signal ? `signal ${exit.signal}` : `code ${exit.exitCode}`;
  const happened =
    end === "off"
      ? `  The appliance was shut down. ${stage.kept}\n`
      : `  The appliance ended without a shut-down or a restart (${code}).\n  That is a fault. The log is ${log.path}\n`;
  process.stdout.write(`\n${happened}  The platform and all else that was started still run.\n\n`);
  return await enterPressed("  Press Enter to switch it on again, or Ctrl-C to stop all. ");
}

async function footerOf({ facts, code }: VisitStage): Promise<string> {
  return ` ${facts.platformUrl}  ${await code()}  Ctrl-] page, leave`;
}

async function showFacts(stage: VisitStage, question: string): Promise<boolean> {
  const { facts } = stage;
  const page = [
    "",
    `  ${facts.title}`,
    "",
    `  The platform's page   ${facts.pageUrl}`,
    "                        (its certificate is its own: the browser will ask)",
    `    log in with         ${facts.token}`,
    "",
    "  At the appliance's console, on its Platform screen (key 3), type",
    `    platform address    ${facts.platformUrl}`,
    `    activation code     ${await stage.code()}`,
    "",
    `  Something to scan     ${facts.targets}`,
    "",
    "  Ctrl-]                shows this page again, with a code that is not used yet",
    "  To leave              Ctrl-C, or Ctrl-] twice: all that was started is stopped",
    "",
    "",
  ].join("\n");
  process.stdout.write(page);
  return await enterPressed(`  ${question}`);
}
