import test from "ava";
import { openTerminal } from "../../image/terminal/terminal.ts";

test("a terminal shows what a command writes and passes keys on", async (t) => {
  const terminal = openTerminal({
    command: "/bin/sh",
    args: [
      "-c",
      'stty -echo; printf "\\033[2;3Hname? "; read name; printf "hello %s" "$name"; exit 3',
    ],
    cols: 40,
    rows: 5,
  });
  t.teardown(() => terminal.close());
  await terminal.waitFor("name?");
  t.is(terminal.screen()[1], "  name?");
  await terminal.type("Zoë");
  await terminal.press("enter");
  await terminal.waitFor(/hello Zoë/);
  t.deepEqual(await terminal.exit, { exitCode: 3, signal: null });
});

test("a wait that times out reports the screen", async (t) => {
  const terminal = openTerminal({ command: "/bin/sh", args: ["-c", "echo something else"] });
  t.teardown(() => terminal.close());
  const error = await t.throwsAsync(terminal.waitFor("this", { timeoutMs: 5_000 }));
  t.regex(error?.message ?? "", /something else/);
});

test("a command learns of a new size", async (t) => {
  const terminal = openTerminal({
    command: "/bin/sh",
    args: ["-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"],
  });
  t.teardown(() => terminal.close());
  await terminal.waitFor("ready");
  terminal.resize(100, 30);
  await terminal.waitFor("30 100");
  t.pass();
});
