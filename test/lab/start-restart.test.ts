import { readFile } from "node:fs/promises";
import { en } from "../../console/words/en.ts";
import { enrolAtConsole, goHome, openFromMore, seen } from "../../image/lab/console-keys.ts";
import { childrenOf } from "../../image/lab/namespaces.ts";
import { Operator } from "../../image/lab/operator.ts";
import { callApi } from "../../image/start/platform-process.ts";
import { openTerminal, type Terminal } from "../../image/terminal/terminal.ts";
import { labTest, targets } from "../testkit/lab/lab.ts";

const main = new URL("../../image/start/main.ts", import.meta.url).pathname;

labTest(
  "npm start goes on over restarts, a factory reset, a shut-down and a crash of the appliance",
  async (t) => {
    t.timeout(590_000);
    const terminal = openTerminal({
      command: process.execPath,
      args: [main, "start"],
      cols: 80,
      rows: 25,
      term: "xterm-256color",
    });
    t.teardown(() => terminal.close());
    const page = (await terminal.waitFor("Press Enter", { timeoutMs: 300_000 })).join("\n");
    const first = codeOf(page);
    const address = fact(page, /platform address +(\S+)/);
    const port = Number(fact(page, /platform's page +https:\/\/127\.0\.0\.1:(\d+)\//));
    const token = fact(page, /log in with +(\S+)/);
    const operator = new Operator({
      api: (method, path, body) => callApi({ port, token }, method, path, body),
    });
    await terminal.press("enter");
    await atHome(terminal);
    await footer(terminal, address, first);
    await terminal.waitFor("(DHCP)", { timeoutMs: 60_000 });
    await enrolAtConsole(terminal, address, first);
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });
    t.is(terminal.screen()[24]?.includes(first), true, "the console left the row to the footer");

    // Restart, while a scan runs.
    const { id } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
    );
    const scan = await operator.startScan({ applianceId: id, name: "long", targets, ports: "all" });
    await operator.waitForScan(scan.id, ({ acknowledgedAt }) => acknowledgedAt !== null, "taken");
    const runs = new Set([await machineOf(terminal.pid)]);
    await restart(terminal);
    t.false(runs.has(await machineOf(terminal.pid)), "it is another run of the machine");
    runs.add(await machineOf(terminal.pid));
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });
    t.is((await operator.waitForScanEnd(scan.id)).state, "completed");

    // Once more, at once.
    await restart(terminal);
    t.false(runs.has(await machineOf(terminal.pid)));
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });

    // The page of addresses, in the middle of a form, and back.
    await terminal.press("3");
    await terminal.waitFor(`${en.product} - ${en["platform.title"]}`);
    await terminal.press("ctrl-]");
    const again = (await terminal.waitFor("Press Enter to go back")).join("\n");
    const second = codeOf(again);
    t.not(second, first, "the first code is spent");
    await terminal.press("enter");
    await terminal.waitFor(`${en.product} - ${en["platform.title"]}`);
    await footer(terminal, address, second);

    // Factory reset, and enrolled again.
    await openFromMore(terminal, "menu.recovery", "recovery.title");
    await terminal.press("down", "enter");
    await seen(terminal, "recovery.confirmFactory");
    await terminal.type("outrider");
    await terminal.press("tab", "enter");
    await terminal.waitFor("The appliance restarts", { timeoutMs: 60_000 });
    await atHome(terminal);
    await terminal.waitFor(/not enrolled|Not enrolled|activation code/, { timeoutMs: 60_000 });
    await footer(terminal, address, second);
    await terminal.waitFor("(DHCP)", { timeoutMs: 60_000 });
    await enrolAtConsole(terminal, address, second);
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });
    t.is((await operator.appliances()).length, 2, "a reset appliance is a new one");

    // Shut down, and on again.
    await goHome(terminal);
    await terminal.press("5", "down", "enter");
    await seen(terminal, "power.confirmPoweroff");
    await terminal.press("left", "enter");
    const off = await terminal.waitFor("Press Enter to switch it on again", {
      timeoutMs: 60_000,
    });
    t.regex(off.join("\n"), /The appliance was shut down/);
    t.is(await machineOf(terminal.pid), null);
    await terminal.press("enter");
    await atHome(terminal);
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });

    // A crash is no restart.
    const victim = await machineOf(terminal.pid);
    if (victim === null) throw new Error("the appliance is off");
    process.kill(victim, "SIGKILL");
    const crashed = await terminal.waitFor("Press Enter to switch it on again");
    t.regex(crashed.join("\n"), /ended without a shut-down or a restart \(code 1\)/);
    t.notRegex(crashed.join("\n"), /The appliance restarts|was shut down/);
    await terminal.press("enter");
    await atHome(terminal);
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });

    await terminal.press("ctrl-]");
    await terminal.waitFor("Press Enter to go back");
    await terminal.press("ctrl-]");
    t.deepEqual(await terminal.exit, { exitCode: 0, signal: null });
    t.regex(terminal.screen().join("\n"), /Everything that was started has been stopped/);
  },
);

function fact(page: string, pattern: RegExp): string {
  const value = pattern.exec(page)?.[1];
  if (value === undefined) throw new Error(`${pattern} is not on the page:\n${page}`);
  return value;
}

function codeOf(page: string): string {
  return fact(page, /activation code +(\S+)/);
}

async function atHome(terminal: Terminal): Promise<void> {
  await terminal.waitFor(`${en.product} - ${en["home.title"]}`, { timeoutMs: 90_000 });
}

/** The last row of the window has the address and an unspent code. */
async function footer(terminal: Terminal, address: string, code: string): Promise<void> {
  await terminal.waitFor((rows) => rows[24]?.includes(`${address}  ${code}`) === true, {
    what: "address and code in the last row",
  });
}

/** By keys; the appliance's console comes back by itself. */
async function restart(terminal: Terminal): Promise<void> {
  await goHome(terminal);
  await terminal.press("5", "enter");
  await seen(terminal, "power.confirmReboot");
  await terminal.press("left", "enter");
  await terminal.waitFor("The appliance restarts. Its console comes back here", {
    timeoutMs: 60_000,
  });
  await atHome(terminal);
}

/** PID of the container's first process below npm start, or null when the appliance is off. */
async function machineOf(pid: number): Promise<number | null> {
  for (const child of await childrenOf(pid)) {
    const comm = await readFile(`/proc/${child}/comm`, "utf8").catch(() => "");
    if (comm.trim() === "systemd-nspawn") {
      for (const inner of await childrenOf(child)) {
        const status = await readFile(`/proc/${inner}/status`, "utf8").catch(() => "");
        if (/^NSpid:.*\s1$/m.test(status)) return inner;
      }
    }
    const found = await machineOf(child);
    if (found !== null) return found;
  }
  return null;
}
