import test from "ava";
import fc from "fast-check";
import type { Key } from "../../console/page/key.ts";
import { InputNormaliser } from "../../console/terminal/input-normaliser.ts";
import { openPainted } from "./painted.ts";

/** The normaliser's output, key by key, for these chunks without a pause. */
async function normalised(chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const normaliser = new InputNormaliser();
  const keys: string[] = [];
  normaliser.on("data", (chunk: Buffer) => keys.push(chunk.toString("utf8")));
  for (const chunk of chunks) normaliser.write(chunk);
  normaliser.end();
  await new Promise((resolve) => normaliser.once("end", resolve));
  return keys;
}

/** The keys that reach the console through blessed. */
async function toldKeys(bytes: string): Promise<Key[]> {
  const painted = openPainted({ term: "linux", columns: 80, rows: 24 });
  try {
    painted.type(bytes);
    // Follows all input: once it has come, everything before it has.
    painted.type("\x1b[24~");
    while (!painted.keys.some(({ name }) => name === "f12"))
      await new Promise((resolve) => setImmediate(resolve));
    return painted.keys.slice(0, -1);
  } finally {
    painted.close();
  }
}

const named = (...names: string[]) => names.map((name) => ({ name }));

test("the Linux console's function keys, Shift-Tab and arrows are reported by their names", async (t) => {
  t.deepEqual(
    await toldKeys("\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[E"),
    named("f1", "f2", "f3", "f4", "f5"),
  );
  t.deepEqual(await toldKeys("\x1b\t\x1b[Z\t"), named("shift-tab", "shift-tab", "tab"));
  t.deepEqual(
    await toldKeys("\x1b[A\x1bOA\x1b[1~\x1b[4~\x1b[H\x1b[F\x1b[3~"),
    named("up", "up", "home", "end", "home", "end", "delete"),
  );
  t.deepEqual(
    await toldKeys("\x1bOP\x1b[15~\x1b[21~\x1b[5~\x1b[6~"),
    named("f1", "f5", "f10", "page-up", "page-down"),
  );
});

test("Enter is one key, whether the terminal sends CR, LF or both", async (t) => {
  t.deepEqual(await toldKeys("\r"), named("enter"));
  t.deepEqual(await toldKeys("\n"), named("enter"));
  t.deepEqual(await toldKeys("\r\n"), named("enter"));
});

test("a terminal's reports are not typed into the form", async (t) => {
  const answers = [
    "\x1b[?62;22c",
    "\x1b[24;80R",
    "\x1b[0n",
    "\x1b[I",
    "\x1b[O",
    "\x1b[<0;12;5M",
    "\x1b[M !!",
    "\x1b]11;rgb:0000/0000/0000\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1b[?1;2c",
  ];
  for (const answer of answers)
    t.deepEqual(await normalised([`a${answer}b`]), ["a", "b"], JSON.stringify(answer));
});

test("characters beyond ASCII and beyond the BMP arrive whole", async (t) => {
  t.deepEqual(
    (await toldKeys("é€😀")).map((key) => ("text" in key ? key.text : key.name)),
    ["é", "€", "😀"],
  );
});

test("pasted input is text: line ends become spaces, control characters are dropped", async (t) => {
  t.is(
    (await normalised(["\x1b[200~192.0.2.53\r\n192.0.2.54\r\x1b[201~"])).join(""),
    "192.0.2.53 192.0.2.54",
  );
  t.is((await normalised(["\x1b[200~a\x03\x1b[Ab\x1b[201~\r"])).join("|"), "a|b|\r");
});

test("Escape alone is a key after a moment of silence, and Escape with another key is both", async (t) => {
  const normaliser = new InputNormaliser();
  const first = new Promise<Buffer>((resolve) => normaliser.once("data", resolve));
  normaliser.write("\x1b");
  t.is((await first).toString(), "\x1b");
  normaliser.destroy();
  t.deepEqual(await normalised(["\x1bx"]), ["\x1b", "x"]);
  t.deepEqual(await normalised(["\x1b\x1b[A"]), ["\x1b", "\x1b[A"]);
});

test("a sequence that never ends is dropped, and typing goes on", async (t) => {
  t.deepEqual(await normalised([`\x1b[${"1;".repeat(200)}`, "a"]).then((keys) => keys.at(-1)), "a");
  const normaliser = new InputNormaliser();
  normaliser.resume();
  normaliser.write(`\x1b]0;${"x".repeat(10_000)}`);
  const next = new Promise<Buffer>((resolve) => normaliser.once("data", resolve));
  normaliser.write("y");
  t.is((await next).toString(), "y");
  normaliser.destroy();
});

test("a paste whose end is lost ends after a silence, and keys are keys again", async (t) => {
  const normaliser = new InputNormaliser(null, 1);
  const keys: string[] = [];
  normaliser.on("data", (chunk: Buffer) => keys.push(chunk.toString("utf8")));
  /** Types the key with pauses until it arrives: within a paste it is dropped. */
  const arrives = async (key: string) => {
    const before = keys.length;
    while (keys.length === before) {
      normaliser.write(key);
      for (let turns = 0; turns < 500 && keys.length === before; turns++)
        await new Promise((resolve) => setImmediate(resolve));
    }
  };
  normaliser.write("\x1b[200~ab\r");
  await arrives("\x1b[[B");
  t.deepEqual(keys, ["a", "b", "\x1b[[B"]);
  await arrives("\r");
  t.deepEqual(keys.slice(3), ["\r"]);
  normaliser.destroy();
});

test("Alt with a key that also begins a terminal's reply loses nothing of what is typed after it", async (t) => {
  for (const key of ["P", "X", "]", "_", "^"]) {
    t.deepEqual(await normalised([`\x1b${key}`, "a", "b"]), ["\x1b", key, "a", "b"], key);
    t.deepEqual(await normalised([`\x1b${key}ab`]), ["\x1b", key, "a", "b"], key);
  }
  t.deepEqual(await normalised(["a\x1bP>|term 1\x1b\\b\x1b_Gi=1;OK\x1b\\c"]), ["a", "b", "c"]);
});

const piece = fc.oneof(
  fc.constantFrom(
    "\x1b[A",
    "\x1b[[A",
    "\x1bOP",
    "\x1b\t",
    "\x1b[24;80R",
    "\x1b[?62;22c",
    "\x1b[200~",
    "\x1b[201~",
    "\x1b[M !!",
    "\x1b]0;x\x07",
    "\x1b",
    "\r",
    "\n",
    "\t",
    "\x7f",
    "\x03",
  ),
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 3 }),
);

test("bytes give the same keys however they are split over reads", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(60), { maxLength: 10 }),
      async (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(""), "utf8");
        const places = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort(
          (a, b) => a - b,
        );
        const chunks = [0, ...places].map((start, index) =>
          bytes.subarray(start, places[index] ?? bytes.length),
        );
        t.deepEqual(await normalised(chunks), await normalised([bytes]));
      },
    ),
    { numRuns: 400 },
  );
});

test("no input crashes it, and its output is keys that blessed understands", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 }),
      async (chunks) => {
        for (const key of await normalised(chunks))
          t.regex(key, /^(?:\x1b(?:\[.*|O.+)?|[^\x1b])$/su);
      },
    ),
    { numRuns: 400 },
  );
});
