import { createInterface } from "node:readline/promises";
import type { EventLog } from "../run/event-log.ts";
import type { Relay } from "./relay.ts";

export interface VisitFacts {
  title: string;
  pageUrl: string;
  token: string;
  platformUrl: string;
  code: string;
  targets: string;
}

/** Prints the addresses, then opens the console in this terminal until the person leaves. */
export async function visitConsole(
  console: Relay,
  facts: VisitFacts,
  log: EventLog,
): Promise<void> {
  const { stdin, stdout } = process;
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
    `    activation code     ${facts.code}`,
    "",
    `  Something to scan     ${facts.targets}`,
    "  To leave              Ctrl-] or Ctrl-C: all that was started is stopped",
    "",
    "",
  ].join("\n");
  stdout.write(page);
  const reader = createInterface({ input: stdin, output: stdout });
  // At this question Ctrl-C is a key for readline, not a signal.
  const goesOn = await Promise.race([
    reader.question("  Press Enter to open the appliance's console. ").then(() => true),
    new Promise<boolean>((resolve) => reader.on("close", () => resolve(false))),
  ]);
  reader.close();
  if (!goesOn) return;
  // The window's title stays visible while the console has the whole screen.
  stdout.write(
    `\x1b]0;page ${facts.pageUrl}  address ${facts.platformUrl}  code ${facts.code}  leave Ctrl-]\x07`,
  );
  const end = await console.show();
  log.write(`console: ${end}`);
  stdout.write(`\x1b]0;\x07${end === "ended" ? "The appliance is off.\n" : ""}`);
}
