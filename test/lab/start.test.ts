import { enrolAtConsole } from "../../image/lab/console-keys.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";
import { eventually, labTest } from "../testkit/lab/lab.ts";

const main = new URL("../../image/start/main.ts", import.meta.url).pathname;

labTest(
  "npm start in a terminal opens the appliance's console, follows the window's size, and Ctrl-C stops everything",
  async (t) => {
    t.timeout(400_000);
    const terminal = openTerminal({
      command: process.execPath,
      args: [main, "start"],
      cols: 100,
      rows: 30,
      term: "xterm-256color",
    });
    t.teardown(() => terminal.close());
    const page = (await terminal.waitFor("Press Enter", { timeoutMs: 300_000 })).join("\n");
    const fact = (pattern: RegExp) => pattern.exec(page)?.[1] ?? "";
    const code = fact(/activation code +(\S+)/);
    const address = fact(/platform address +(\S+)/);
    t.is(address, "https://platform.outrider.test");

    const port = fact(/platform's page +https:\/\/127\.0\.0\.1:(\d+)\//);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const answer = await fetch(`https://127.0.0.1:${port}/api/appliances`, {
      headers: { authorization: `Bearer ${fact(/log in with +(\S+)/)}` },
    });
    t.is(answer.status, 200);

    await terminal.press("enter");
    await terminal.waitFor("Outrider - Home", { timeoutMs: 60_000 });
    terminal.resize(120, 40);
    await terminal.waitFor((rows) => rows.some((row) => row.length > 100), {
      timeoutMs: 30_000,
      what: "the console takes the larger window",
    });
    await terminal.waitFor("(DHCP)", { timeoutMs: 60_000 });
    await enrolAtConsole(terminal, address, code);
    await terminal.waitFor("Connected to", { timeoutMs: 60_000 });
    await eventually("the platform has the appliance", async () => {
      const reply = await fetch(`https://127.0.0.1:${port}/api/appliances`, {
        headers: { authorization: `Bearer ${fact(/log in with +(\S+)/)}` },
      });
      return /"heartbeatAt":\d/.test(await reply.text());
    });

    await terminal.press("ctrl-c");
    t.deepEqual(await terminal.exit, { exitCode: 0, signal: null });
    t.regex(terminal.screen().join("\n"), /Everything that was started has been stopped/);
    await t.throwsAsync(fetch(`https://127.0.0.1:${port}/`));
  },
);
