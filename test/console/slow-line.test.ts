import test from "ava";
import { openTerminal } from "../../image/terminal/terminal.ts";
import { patientMs } from "../testkit/patience.ts";

const root = new URL("../../", import.meta.url).pathname;

test("over 9600 baud, a byte at a time, keys are neither lost nor misread while the screen is painted, and the painting is whole", async (t) => {
  const terminal = openTerminal({
    command: process.execPath,
    args: [
      `${root}image/vm/slow-line.ts`,
      "9600",
      "-",
      process.execPath,
      `${root}console/main.ts`,
      "--dry-run",
      "--machine",
      "two-nics",
    ],
    cwd: root,
    term: "vt220",
    env: { ...process.env, LANG: "C.UTF-8" },
  });
  t.teardown(() => terminal.close());
  await terminal.waitFor(/LAN +eth0/, { timeoutMs: patientMs });
  // Typed at once while Home and then Network are being painted: a static address with an error
  // that arrow keys correct.
  await terminal.press("1", "tab", "tab", "right", "tab");
  await terminal.type("192.0.2.600/24");
  await terminal.press(
    "left",
    "left",
    "left",
    "left",
    "backspace",
    "end",
    "shift-tab",
    "f1",
    "escape",
    "tab",
    "f2",
  );
  await terminal.waitFor(/192\.0\.2\.60\/24/, { timeoutMs: patientMs });
  // Submitted too early, the form shows what is missing; the next key removes the message.
  await terminal.waitFor(
    (rows) => /gateway is missing/.test(rows.join("\n")) && rows.at(-2) !== "",
    { timeoutMs: patientMs, what: "the message" },
  );
  const toldAt = terminal.output().length;
  await terminal.press("home");
  await terminal.waitFor((rows) => terminal.output().length > toldAt && rows.at(-2) === "", {
    what: "the message goes",
  });
  const before = terminal.screen().slice(1);
  const painted = terminal.output().length;
  await terminal.press("ctrl-l");
  await terminal.waitFor(
    (rows) =>
      terminal.output().length > painted + 1000 && rows.slice(1).join("\n") === before.join("\n"),
    { what: "the same again" },
  );
  t.regex(before.join("\n"), /\[192\.0\.2\.60\/24 *\]/);
});
