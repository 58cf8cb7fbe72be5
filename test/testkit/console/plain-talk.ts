import type { ExecutionContext } from "ava";
import type { Appliance } from "../../../image/lab/appliance.ts";
import type { Terminal } from "../../../image/terminal/terminal.ts";
import { patientMs } from "../patience.ts";

/** A person who uses line mode: types, and reads the output until the next prompt. */
export interface PlainTalk {
  /** Resolves with the output from then on. */
  tell(line: string, wanted: RegExp | string, timeoutMs?: number): Promise<string>;
  heard(wanted: RegExp | string, timeoutMs?: number): Promise<string>;
  /** Chooses the part of this name by its present number. */
  choose(name: string, wanted: RegExp | string, timeoutMs?: number): Promise<string>;
  /** Fills a field in by its number. */
  fill(name: string, text: string, wanted: RegExp | string): Promise<string>;
}

const turn = /(?:Number: |it\s+is\.\n|empties\s+it\.\n)$/;

/** The console in line mode, on a terminal of the lab's appliance that has no screen. */
export async function openPlainTalk(
  t: ExecutionContext,
  appliance: Appliance<Terminal>,
): Promise<PlainTalk & { terminal: Terminal }> {
  const terminal = await appliance.openTerminal([
    "env",
    "TERM=dumb",
    "OUTRIDER_CONSOLE_LEAVE=1",
    "outrider",
    "console",
    "--plain",
  ]);
  t.teardown(() => terminal.close());
  return { ...plainTalk(terminal), terminal };
}

function plainTalk(terminal: Terminal): PlainTalk {
  const said = () => terminal.output().replaceAll("\r", "");
  const hear = async (
    from: number,
    wanted: RegExp | string,
    timeoutMs: number,
  ): Promise<string> => {
    const matches = (text: string) =>
      typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    const isThere = () => turn.test(said()) && matches(flat(said().slice(from)));
    await terminal
      .waitFor(isThere, { timeoutMs, what: `to hear ${wanted}` })
      .catch((error: unknown) => {
        throw new Error(
          `${error instanceof Error ? error.message : error}\nwhat was said:\n${said().slice(from)}`,
        );
      });
    return said().slice(from);
  };
  let last = "";
  const tell: PlainTalk["tell"] = async (line, wanted, timeoutMs = patientMs) => {
    const from = said().length;
    await terminal.type(`${line}\r`);
    last = await hear(from, wanted, timeoutMs);
    return last;
  };
  const numberOf = async (name: string): Promise<string> => {
    const number = (text: string) =>
      [...text.matchAll(/^(\d+)\. (.*)$/gm)].findLast(([, , rest = ""]) =>
        rest.startsWith(name),
      )?.[1];
    const known = number(last) ?? number(await tell("", "== "));
    if (known === undefined) throw new Error(`there is nothing named ${name}:\n${last}`);
    return known;
  };
  return {
    tell,
    heard: async (wanted, timeoutMs = patientMs) => {
      last = await hear(0, wanted, timeoutMs);
      return last;
    },
    choose: async (name, wanted, timeoutMs) => tell(await numberOf(name), wanted, timeoutMs),
    fill: async (name, text, wanted) => {
      await tell(await numberOf(name), /leaves it as it is/);
      return tell(text, wanted);
    },
  };
}

/** Lines are wrapped when they are written, so the expected text may cross the end of a line. */
function flat(text: string): string {
  return `${text}\n${text.replace(/\s+/g, " ")}`;
}

/** Enter alone prints the screen again: pressed until it has the awaited text. */
export async function hearAgain(
  tell: PlainTalk["tell"],
  wanted: RegExp | string,
  timeoutMs = 90_000,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const said = flat(await tell("", "== "));
    if (typeof wanted === "string" ? said.includes(wanted) : wanted.test(said)) return;
    if (performance.now() > deadlineMs)
      throw new Error(`not within ${timeoutMs} ms: ${wanted}\n${said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
