import { PassThrough } from "node:stream";
import test from "ava";
import fc from "fast-check";
import { streamInput } from "../../src/cli/input.ts";
import { UsageError } from "../../src/cli/output.ts";

/** Standard input that a person types into, or a program writes to. */
function standardInput(isTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined, fd: 0 });
  const shown: string[] = [];
  const ask = { write: (text: string) => shown.push(text) };
  // A stream of the same shape: only these members are used.
  return { stdin, shown, input: streamInput(stdin as unknown as NodeJS.ReadStream, ask) };
}

async function typed(chunks: readonly (string | Uint8Array)[], isTTY = true): Promise<string> {
  const { stdin, input } = standardInput(isTTY);
  const answer = input.secret("Password");
  answer.catch(() => undefined);
  for (const chunk of chunks) {
    stdin.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!isTTY) stdin.end();
  return answer;
}

const inBytes = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

test("a password that comes byte by byte, as over a serial line, is what was typed", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text)),
      async (text) => {
        t.is(await typed([...inBytes(text), "\r"]), text);
      },
    ),
    { numRuns: 100 },
  );
  t.is(await typed([...inBytes("grün€😀"), "\r"]), "grün€😀");
});

for (const [title, keys, text] of [
  ["Backspace takes a whole character", "ab😀\u007f\r", "ab"],
  ["Ctrl-U takes all", "wrong\u0015right\r", "right"],
  ["Ctrl-W takes a word", "one two\u0017three\r", "one three"],
  ["arrows are no text", "a\u001b[Db\u001bOCc\u001b[1;5Dd\u001b[3~e\r", "abcde"],
  ["nor are other control characters", "a\u0001b\u0000\u0085c\r", "abc"],
  ["Escape with a letter gives the letter", "a\u001bxb\r", "axb"],
] as const)
  test(`at the hidden question ${title}`, async (t) => {
    t.is(await typed([keys]), text);
    t.is(await typed(inBytes(keys)), text);
  });

test("what is no UTF-8 is refused at the hidden question, and on standard input", async (t) => {
  const latin = Buffer.from("gr\u00fcn", "latin1");
  const refused = { instanceOf: UsageError, message: /not UTF-8/ };
  await t.throwsAsync(typed([latin, "\r"]), refused);
  await t.throwsAsync(typed([latin, "\n"], false), refused);
  await t.throwsAsync(typed([Buffer.from("secret\n", "utf16le")], false), refused);
  await t.throwsAsync(typed([Buffer.from([0xff, 0xfe, 0x61, 0])], false), refused);
});

test("standard input in any pieces gives its first line, without a byte order mark", async (t) => {
  t.is(await typed([...inBytes("\ufeffgrün\r\nmore\n")], false), "grün");
  t.is(await typed(["no line end"], false), "no line end");
  await t.throwsAsync(typed(["\n"], false), { message: /empty/ });
});

test("a line that is too long is refused and not cut", async (t) => {
  await t.throwsAsync(typed([`${"x".repeat(401)}\r`]), { message: /too long/ });
  await t.throwsAsync(typed([`${"x".repeat(401)}\n`], false), { message: /too long/ });
  await t.throwsAsync(typed(["\u0003"]), { message: /nothing was typed/ });
});
