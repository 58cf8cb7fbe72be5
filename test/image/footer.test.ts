import xterm from "@xterm/headless";
import test from "ava";
import fc from "fast-check";
import { containerEnd, machineEnd } from "../../image/lab/appliance-end.ts";
import { footerRow, isWhole, paintFooter, rowsAboveFooter } from "../../image/start/footer.ts";

test("a window of 24 rows is the console's alone, a higher one keeps its last row for the footer", (t) => {
  t.deepEqual(
    [20, 24, 25, 40].map((rows) => [rowsAboveFooter(rows), footerRow(rows)]),
    [
      [20, null],
      [24, null],
      [24, 25],
      [39, 40],
    ],
  );
});

test("the footer is painted without moving the cursor, and what scrolls above leaves it alone", async (t) => {
  const terminal = new xterm.Terminal({
    cols: 40,
    rows: 25,
    allowProposedApi: true,
    scrollback: 0,
  });
  const write = (text: string) => new Promise<void>((done) => terminal.write(text, done));
  const row = (number: number) =>
    terminal.buffer.active.getLine(number - 1)?.translateToString(true) ?? "";
  await write("\x1b[24;5H\x1b[1mabc");
  await write(paintFooter("address and code ".repeat(9), 25, 40));
  t.is(row(25).length, 40, "cut at the window's width");
  await write("d\r\nmore\r\nlines\r\n");
  t.true(row(25).startsWith("address and code"));
  t.is(row(21).trim(), "abcd");
  t.is(row(22), "more");
});

test("the footer waits while a sequence or a character is only half written", (t) => {
  const half = ["\x1b", "\x1b[", "\x1b[1;3", "\x1b]0;title", "\x1bPq", "\x1b(", "\xe2\x94", "\xc3"];
  for (const text of half) t.false(isWhole(Buffer.from(`before${text}`, "latin1")), text);
  const whole = [
    "",
    "\x1b[1;31m",
    "\x1b]0;title\x07",
    "\x1b]0;t\x1b\\",
    "\x1b(B",
    "\x1b7",
    "\xc3\xa9",
  ];
  for (const text of whole) t.true(isWhole(Buffer.from(`before${text}`, "latin1")), text);
});

test("text of any characters is whole exactly at the ends of its characters", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), fc.nat(), (text, where) => {
      const clean = text.replaceAll("\x1b", "");
      const bytes = Buffer.from(clean);
      const cut = bytes.subarray(0, where % (bytes.length + 1));
      return isWhole(cut) === clean.startsWith(cut.toString("utf8"));
    }),
  );
  t.pass();
});

test("only nspawn's own code is a restart, and only a clean end is a shut-down", (t) => {
  t.is(containerEnd({ exitCode: 133 }), "restart");
  t.is(containerEnd({ exitCode: 0, signal: null }), "off");
  for (const exitCode of [1, 2, 130, 132, 134, 137, 255]) t.is(containerEnd({ exitCode }), "crash");
  t.is(containerEnd({ exitCode: 0, signal: 9 }), "crash");
  t.is(machineEnd({ exitCode: 0 }), "off");
  t.is(machineEnd({ exitCode: 133 }), "crash", "QEMU restarts its machine by itself");
  t.is(machineEnd({ exitCode: 0, signal: 1 }), "crash");
});
