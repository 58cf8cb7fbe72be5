import { spawn } from "node:child_process";
import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { en } from "../../console/words/en.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";

const root = new URL("../..", import.meta.url).pathname;

/** A shell that starts the console as a person does, and afterwards says how the terminal is set. */
function shell(t: ExecutionContext, command: string) {
  const terminal = openTerminal({
    command: "/bin/sh",
    args: ["-c", `${command}; echo "ended with $?"; stty -a | tr ' ' '\n' | grep -x -e '-*echo;*'`],
    cwd: root,
    cols: 80,
    rows: 24,
  });
  t.teardown(() => terminal.close());
  return terminal;
}

const console = "sh image/start/bootstrap.sh console";
const echoes = /ended with (\d+)\s+(-?echo)/;

test("npm run console says at once that it starts, does not echo keys meanwhile, and leaves the terminal as it was", async (t) => {
  t.timeout(120_000);
  const terminal = shell(t, "npm run --silent console -- --dry-run --machine two-nics");
  await terminal.waitFor("Starting the console");
  await terminal.type("zzzz");
  await terminal.waitFor(`${en.product} - `, { timeoutMs: 90_000 });
  t.notRegex(terminal.output(), /zz/);
  await terminal.press("ctrl-q");
  await terminal.waitFor(/ended with/, { timeoutMs: 30_000 });
  await terminal.exit;
  t.deepEqual(echoes.exec(terminal.screen().join("\n"))?.slice(1), ["0", "echo"]);
});

test("an option that does not exist leaves the terminal as it was", async (t) => {
  t.timeout(60_000);
  const terminal = shell(t, `${console} --palete mono`);
  await terminal.exit;
  const said = terminal.screen().join("\n");
  t.regex(said, /usage: console/);
  t.deepEqual(echoes.exec(said)?.slice(1), ["2", "echo"]);
});

test("Ctrl-C while the console starts ends it and leaves the terminal as it was", async (t) => {
  t.timeout(60_000);
  const terminal = shell(t, `trap : INT; ${console} --dry-run`);
  await terminal.waitFor("Starting the console");
  await terminal.press("ctrl-c");
  await terminal.exit;
  t.is(echoes.exec(terminal.screen().join("\n"))?.[2], "echo");
});

test("a signal to the shell ends the console too, line by line and without a terminal", async (t) => {
  t.timeout(60_000);
  const child = spawn("sh", ["image/start/bootstrap.sh", "console", "--plain", "--dry-run"], {
    cwd: root,
    stdio: ["pipe", "pipe", "ignore"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  child.stdout.setEncoding("utf8");
  let said = "";
  for await (const text of child.stdout) {
    said += String(text);
    if (said.includes(en["menu.enrolment"])) break;
  }
  const ended = child.exitCode === null ? once(child, "exit") : Promise.resolve();
  child.kill("SIGTERM");
  await ended;
  t.is(child.exitCode, 0);
});

test("a described machine that is shut down ends the console, which says so; a restart does not", async (t) => {
  t.timeout(180_000);
  const terminal = shell(t, `${console} --dry-run`);
  const power = async (...keys: string[]) => {
    await terminal.waitFor("(DHCP)", { timeoutMs: 90_000 });
    await terminal.press("5");
    await terminal.waitFor(`${en.product} - ${en["power.title"]}`);
    await terminal.press(...keys);
    await terminal.waitFor(en["power.no"]);
    await terminal.press("left", "enter");
  };
  await power("enter");
  await terminal.waitFor(en["power.rebooting"]);
  await terminal.press("f10");
  // The Power screen's own message begins with the same words.
  const isAway = (rows: readonly string[]) =>
    rows.some((row) => row.trim() === en["banner.reboot"]);
  await terminal.waitFor(isAway, { what: "the machine is away" });
  await terminal.waitFor((rows) => !isAway(rows), { what: "the machine has restarted" });
  await power("down", "enter");
  await terminal.exit;
  t.regex(terminal.screen().join(" "), /The described machine was shut down/);
  t.deepEqual(echoes.exec(terminal.screen().join("\n"))?.slice(1), ["0", "echo"]);
});
