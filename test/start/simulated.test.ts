import { readFile } from "node:fs/promises";
import test from "ava";
import { execa } from "execa";
import { openTerminal } from "../../image/terminal/terminal.ts";
import { patientMs } from "../testkit/patience.ts";

const main = new URL("../../image/start/main.ts", import.meta.url).pathname;

/** Processes that belong to a run: they carry its mark in their environment. */
async function processesWith(mark: string): Promise<string[]> {
  const { stdout } = await execa("sh", [
    "-c",
    `grep -lsz '^OUTRIDER_TEST_MARK=${mark}$' /proc/[0-9]*/environ || true`,
  ]);
  return stdout.split("\n").filter((line) => line !== "");
}

async function gone(mark: string): Promise<void> {
  const endMs = performance.now() + patientMs;
  while ((await processesWith(mark)).length > 0) {
    if (performance.now() > endMs) throw new Error(`still there: ${await processesWith(mark)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("without a terminal the simulated run tells the whole story, each line labelled, and leaves nothing behind", async (t) => {
  t.timeout(240_000);
  const mark = `story-${process.pid}`;
  const { exitCode, stdout } = await execa(process.execPath, [main, "start", "--simulated"], {
    stdin: "ignore",
    reject: false,
    env: { OUTRIDER_TEST_MARK: mark },
  });
  const lines = stdout.split("\n");
  t.is(exitCode, 0, stdout);
  t.deepEqual(
    lines.filter((line) => !line.startsWith("simulated ")),
    [],
  );
  const events = [
    "platform up",
    "appliance booted",
    "address by DHCP",
    "enrolled",
    "first heartbeat",
    "scan started",
    "3 hosts and 4 open ports found",
    "results received",
  ];
  const positions = events.map((event) => lines.findIndex((line) => line.includes(event)));
  t.deepEqual(
    positions,
    [...positions].sort((a, b) => a - b),
  );
  t.false(positions.includes(-1), stdout);
  await gone(mark);
});

test("a step that fails is named with its cause and the log, which has the console's last screen", async (t) => {
  t.timeout(120_000);
  const { exitCode, stdout } = await execa(
    process.execPath,
    [main, "start", "--simulated", "--machine", "no-such-machine"],
    {
      stdin: "ignore",
      reject: false,
    },
  );
  t.not(exitCode, 0);
  t.regex(stdout, /simulated {2}FAILED at step "described machine": .+/);
  const log = /The log, with the console's last screen, is (\S+)/.exec(stdout)?.[1];
  t.truthy(log);
  t.regex(await readFile(log ?? "", "utf8"), /the console's last screen/);
});

test("in a terminal it prints the addresses, opens the console, shows them again on Ctrl-], and Ctrl-] twice stops all started processes", async (t) => {
  t.timeout(120_000);
  const mark = `terminal-${process.pid}`;
  const terminal = openTerminal({
    command: process.execPath,
    args: [main, "start", "--simulated"],
    env: { ...process.env, OUTRIDER_TEST_MARK: mark },
    cols: 100,
    rows: 30,
    term: "xterm-256color",
  });
  t.teardown(() => terminal.close());
  const rows = await terminal.waitFor("Press Enter", { timeoutMs: patientMs });
  const page = rows.join("\n");
  for (const fact of [
    /platform's page +https:\/\/localhost:\d+\//,
    /activation code +[0-9A-Z-]{20,}/,
    /platform address +https:\/\/localhost:\d+/,
    /Ctrl-\] +shows this page again/,
    /To leave +Ctrl-C, or Ctrl-\] twice/,
    /SIMULATED/,
  ])
    t.regex(page, fact);
  await terminal.press("enter");
  await terminal.waitFor("Call home", { timeoutMs: patientMs, what: "the console" });
  t.regex(terminal.screen().join("\n"), /SIMULATED/);
  t.regex(
    terminal.output(),
    /\x1b\]0;page https:[^\x07]* https:\/\/localhost:\d+ {2}[0-9A-Z-]+ [^\x07]*\x07/,
    "what to type stays in the window's title",
  );
  const code = /activation code +(\S+)/.exec(page)?.[1] ?? "";
  await terminal.waitFor((rows) => rows[29]?.includes(code) === true, {
    what: "the code in the last row",
  });
  await terminal.press("ctrl-]");
  const again = await terminal.waitFor("Press Enter to go back", { timeoutMs: patientMs });
  t.is(/activation code +(\S+)/.exec(again.join("\n"))?.[1], code, "it is not spent");
  await terminal.press("enter");
  await terminal.waitFor("Call home", { timeoutMs: patientMs, what: "the console again" });
  await terminal.press("ctrl-]");
  await terminal.waitFor("Press Enter to go back", { timeoutMs: patientMs });
  await terminal.press("ctrl-]");
  t.deepEqual(await terminal.exit, { exitCode: 0, signal: null });
  await gone(mark);
});

test("a terminal that goes away stops all that was started", async (t) => {
  t.timeout(120_000);
  const mark = `hangup-${process.pid}`;
  const terminal = openTerminal({
    command: process.execPath,
    args: [main, "start", "--simulated"],
    env: { ...process.env, OUTRIDER_TEST_MARK: mark },
  });
  t.teardown(() => terminal.close());
  await terminal.waitFor("Press Enter", { timeoutMs: patientMs });
  await terminal.press("enter");
  await terminal.waitFor("Call home", { timeoutMs: patientMs });
  await terminal.close();
  await gone(mark);
  t.pass();
});
