import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test from "ava";
import { openTerminal, type Terminal } from "../../image/terminal/terminal.ts";
import { patientMs } from "../testkit/patience.ts";

const root = new URL("../../", import.meta.url).pathname;
const consoleEntry = join(root, "console/main.ts");

function dryRun(machine: string, term: string): Terminal {
  return openTerminal({
    command: process.execPath,
    args: [consoleEntry, "--dry-run", "--machine", machine],
    cwd: root,
    term,
    env: { ...process.env, LANG: "C.UTF-8" },
  });
}

/** configd over a described machine in a folder that outlives it. */
async function startConfigd(folder: string, machine: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(root, "src/simulation/main.ts"), "--machine", machine, "--root", folder],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  await once(createInterface({ input: child.stdout }), "line");
  return child;
}

for (const term of ["linux", "vt220"]) {
  test(`a static address is set by keys alone on ${term}, a typing error corrected, tried and kept`, async (t) => {
    const terminal = dryRun("two-nics", term);
    t.teardown(() => terminal.close());
    await terminal.waitFor(/LAN +eth0/, { timeoutMs: patientMs });
    await terminal.press("1");
    await terminal.waitFor("Host name");
    await terminal.press("tab", "tab", "right", "tab");
    await terminal.type("192.0.2.600/24");
    await terminal.press("tab");
    await terminal.waitFor("192.0.2.600 is not an IPv4 address");
    await terminal.press("shift-tab", "left", "left", "left", "backspace", "tab");
    await terminal.waitFor((screen) => !screen.join("\n").includes("is not an IPv4 address"));
    await terminal.type("192.0.2.1");
    await terminal.press("tab");
    await terminal.type("192.0.2.53");
    await terminal.press("f2");
    await terminal.waitFor(/by DHCP \(192\.0\.2\.50\/24\) +-> +192\.0\.2\.60\/24/);
    await terminal.press("enter");
    await terminal.waitFor("Advice: keep", { timeoutMs: patientMs });
    await terminal.press("enter");
    await terminal.waitFor("The new settings are kept", { timeoutMs: patientMs });
    await terminal.waitFor("192.0.2.60/24 (static)");
    t.true(terminal.screen().every((line) => line.length <= 80));
    await terminal.press("ctrl-q");
    t.is((await terminal.exit).exitCode, 0);
    // The cursor is visible and the attributes are reset, as the shell needs it.
    t.true(
      terminal.output().lastIndexOf("\u001b[?25h") > terminal.output().lastIndexOf("\u001b[?25l"),
    );
  });
}

test("when configd is killed and restarted under a form, the console says so and keeps the typed texts", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-console-test-"));
  let configd = await startConfigd(folder, "one-nic");
  const terminal = openTerminal({
    command: process.execPath,
    args: [consoleEntry],
    cwd: root,
    env: { ...process.env, OUTRIDER_ROOT: folder, OUTRIDER_CONSOLE_LEAVE: "1" },
  });
  t.teardown(async () => {
    await terminal.close();
    if (configd.exitCode === null && configd.signalCode === null) {
      configd.kill("SIGTERM");
      await once(configd, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });
  await terminal.waitFor(/LAN +eth0/, { timeoutMs: patientMs });
  await terminal.press("1");
  await terminal.waitFor("Host name");
  await terminal.press("right", "tab");
  await terminal.type("192.0.2.77/24");
  await terminal.waitFor("192.0.2.77/24");
  configd.kill("SIGKILL");
  await once(configd, "exit");
  await terminal.waitFor("The configuration service does not answer");
  t.regex(terminal.screen().join("\n"), /192\.0\.2\.77\/24/);
  await terminal.type("5");
  await terminal.waitFor("192.0.2.77/245");
  configd = await startConfigd(folder, "one-nic");
  await terminal.waitFor((screen) => !screen.join("\n").includes("does not answer"), {
    what: "the banner to go",
  });
  t.regex(terminal.screen().join("\n"), /192\.0\.2\.77\/245/);
});

test("before configd is there the console waits, and fills itself when it comes", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-console-test-"));
  const terminal = openTerminal({
    command: process.execPath,
    args: [consoleEntry],
    cwd: root,
    env: { ...process.env, OUTRIDER_ROOT: folder },
  });
  let configd: ChildProcess | null = null;
  t.teardown(async () => {
    await terminal.close();
    configd?.kill("SIGTERM");
    if (configd) await once(configd, "exit");
    await rm(folder, { recursive: true, force: true });
  });
  await terminal.waitFor("Waiting for the configuration service", { timeoutMs: patientMs });
  await terminal.press("1");
  configd = await startConfigd(folder, "no-dhcp");
  await terminal.waitFor("set a static address");
  t.pass();
});

test("a terminal that goes away ends the console and the described machine without remains", async (t) => {
  const terminal = dryRun("scanning", "xterm");
  t.teardown(() => terminal.close());
  await terminal.waitFor(/Office network +\[/, { timeoutMs: patientMs });
  const children = await childrenOf(terminal.pid);
  t.true(children.length > 0);
  terminal.resize(100, 30);
  await terminal.waitFor((screen) => screen.length === 30 && /F1/.test(screen[29] ?? ""));
  await terminal.close();
  while ((await Promise.all(children.map(isAlive))).some((alive) => alive))
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.pass();
});

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""),
    ),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return state !== "" && !/\) Z /.test(state);
}

test("a console with wrong options prints its usage", async (t) => {
  const terminal = openTerminal({
    command: process.execPath,
    args: [consoleEntry, "--colour"],
    cwd: root,
  });
  t.teardown(() => terminal.close());
  await terminal.waitFor("usage: console", { timeoutMs: patientMs });
  t.is((await terminal.exit).exitCode, 2);
});

test("an unknown machine is reported with the names of the known ones", async (t) => {
  const terminal = openTerminal({
    command: process.execPath,
    args: [consoleEntry, "--dry-run", "--machine", "nine-nics"],
    cwd: root,
  });
  t.teardown(() => terminal.close());
  await terminal.waitFor(/nine-nics[\s\S]*two-nics/, { timeoutMs: patientMs });
  t.is((await terminal.exit).exitCode, 1);
  t.notRegex(terminal.output(), /\bat .*\.ts:\d+/);
});

test("a console that is stopped restores the terminal", async (t) => {
  const terminal = dryRun("one-nic", "vt220");
  t.teardown(() => terminal.close());
  await terminal.waitFor("Call home", { timeoutMs: patientMs });
  process.kill(terminal.pid, "SIGTERM");
  t.is((await terminal.exit).exitCode, 0);
  t.true(
    terminal.output().lastIndexOf("\u001b[?25h") > terminal.output().lastIndexOf("\u001b[?25l"),
  );
});

test("a console that crashes ends with code 1 and a terminal that is sane; the stack trace goes to the log only", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-console-test-"));
  const log = join(folder, "stderr");
  const fault =
    'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("a fault of the test")})';
  const terminal = openTerminal({
    command: "/bin/sh",
    args: ["-c", 'exec "$0" "$@" 2>"$LOG"', process.execPath, "--import", fault, consoleEntry],
    cwd: root,
    env: { ...process.env, OUTRIDER_ROOT: folder, LOG: log },
  });
  t.teardown(async () => {
    await terminal.close();
    await rm(folder, { recursive: true, force: true });
  });
  await terminal.waitFor("Waiting for the configuration service", { timeoutMs: patientMs });
  process.kill(terminal.pid, "SIGUSR2");
  t.is((await terminal.exit).exitCode, 1);
  t.notRegex(terminal.output(), /fault of the test/);
  t.true(
    terminal.output().lastIndexOf("\u001b[?25h") > terminal.output().lastIndexOf("\u001b[?25l"),
  );
  t.regex(await readFile(log, "utf8"), /console crashed.*a fault of the test.*at /);
});
