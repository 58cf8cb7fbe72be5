import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { lockNumber } from "../../console/app/lock.ts";
import { contextOf } from "../../console/app/state.ts";
import type { AskedVerb } from "../../console/contract/contract.ts";
import type { Key } from "../../console/page/key.ts";
import { readCertificates } from "../../console/screens/certificates/pem.ts";
import { type LogsState, logsModel, startLogs } from "../../console/screens/logs/model.ts";
import { makeActivationCode, normalizeActivationCode } from "../../src/base/activation-code.ts";
import type { VerbReply, VerbRequest } from "../../src/configd/api/api.ts";
import { parseToolHost } from "../../src/settings/values/tool-inputs.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";
import { seededRandom } from "../testkit/seeded.ts";
import { openPainted, type PaintedTerminal } from "./painted.ts";
import { Person } from "./person.ts";
import { type Stroke, sceneTimeMs } from "./scene.ts";

/*
 * typed-is-judged.test.ts holds this for each field of a form. Here a person types into the whole
 * console, and what configd is asked for, or that it is asked for nothing, is compared with what was
 * typed.
 */
interface Place {
  name: string;
  /** The console with the cursor in the empty field. */
  open(): Person;
  /** The keys that have the text judged; `again` types it once more. */
  submit: readonly (Stroke | "again")[];
  /** What is asked for with the text; undefined where nothing is. */
  judged(person: Person): unknown;
  /** The same of the text as it was typed. */
  expected(text: string): unknown;
  /** One that is judged to be right, and texts near to such. */
  right: string;
  near: fc.Arbitrary<string>;
}

const described = describedStatus(await loadDescribedMachine("one-nic"), sceneTimeMs);
const { settings, hostname } = described;
const withPin = { ...described, secrets: { ...described.secrets, consolePin: true } };
const withPlatform = {
  ...described,
  settings: { ...settings, platform: { ...settings.platform, url: "https://platform.test" } },
};
const at = (...strokes: Stroke[]) => new Person(described).press(...strokes);

/** What configd was asked for last by that verb. */
function asked<Verb extends AskedVerb>(person: Person, verb: Verb): VerbRequest<Verb> | undefined {
  const request = person.asked().findLast((each) => each.verb === verb)?.request;
  // The verb tells the type of its request; the union of all asks does not say so.
  return request as VerbRequest<Verb> | undefined;
}

/** A text with some of its characters left out or others put in, in capitals, in blanks. */
function like(...texts: string[]): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.nat(2000),
    fc.constantFrom("", " ", "-", "o", "O", "0", "l", ".", "/", "\u00fc", "\u2013"),
  );
  return fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(change, { maxLength: 3 }),
      fc.boolean(),
      fc.constantFrom("", " ", "  "),
    )
    .map(([text, changes, loud, around]) => {
      const characters = [...text];
      for (const [position, put] of changes)
        characters.splice(position % characters.length, put === "" ? 1 : 0, put);
      const changed = characters.join("");
      return `${around}${loud ? changed.toUpperCase() : changed}${around}`;
    });
}

const codes = [1, 2, 3].map((seed) => makeActivationCode(seededRandom(seed).bytes(18)).text);
const authorities = await Promise.all(
  ["Corp Box", "Other Box"].map(async (name) => (await makeTestAuthority(name)).certificate.trim()),
);
const chain = authorities.join("\n");

/** Line ends are keys; only a certificate has some. */
const noKeys = (text: string) => !/[\u0000-\u001f\u007f-\u009f]/.test(text);

const places: readonly Place[] = [
  {
    name: "the PIN at the lock",
    open: () => new Person(withPin),
    submit: ["enter"],
    judged: (person) => asked(person, "unlock")?.pin,
    // configd takes no longer one, so none is right.
    expected: (text) => (text === "" || [...text].length > 60 ? undefined : text),
    right: "open sesame",
    near: fc.string({ unit: "grapheme", minLength: 57, maxLength: 63 }).filter(noKeys),
  },
  {
    name: "a new PIN",
    open: () => at("=9", "=5"),
    submit: ["tab", "again", "f2"],
    judged: (person) => asked(person, "setPin")?.pin,
    expected: (text) => ([...text].length >= 4 && [...text].length <= 60 ? text : undefined),
    right: " pass word ",
    near: like("1234", " pass word "),
  },
  {
    name: "the name that confirms a factory reset",
    open: () => at("=9", "=7", "down", "enter"),
    submit: ["enter", "enter"],
    judged: (person) => asked(person, "factoryReset")?.confirmation,
    expected: (text) =>
      text.trim().toLowerCase() === hostname.toLowerCase() ? text.trim() : undefined,
    right: hostname,
    near: like(hostname),
  },
  {
    name: "the activation code",
    open: () => new Person(withPlatform).press("=3"),
    submit: ["f2"],
    judged: (person) => {
      const code = asked(person, "enrol")?.code;
      return code === undefined ? undefined : normalizeActivationCode(code);
    },
    expected: (text) => {
      const typed = normalizeActivationCode(text);
      return codes.map(normalizeActivationCode).includes(typed) ? typed : undefined;
    },
    right: codes[0] ?? "",
    near: like(...codes, ...codes.map((code) => code.toLowerCase().replaceAll("-", " "))),
  },
  {
    name: "the target of a tool",
    open: () => at("=4", "f6", "tab", "ctrl-u"),
    submit: ["f2"],
    judged: (person) => {
      const request = asked(person, "runTool");
      return request?.tool === "ping" ? request.target : undefined;
    },
    expected: (text) => {
      const host = parseToolHost(text);
      return host.ok ? host.value : undefined;
    },
    right: "platform.example.org",
    near: like("192.0.2.1", "2001:db8::1", "platform.example.org", "fe80::1%eth0"),
  },
  {
    name: "a certificate, or a chain",
    open: () => at("=9", "=1", "f3"),
    // What is left of the text, then the list, then its review.
    submit: ["f2", "ctrl-u", "f2", "f2"],
    judged: (person) => asked(person, "review")?.settings.trust.certificates,
    expected: (text) => {
      const { good } = readCertificates(text);
      return good.length === 0 ? undefined : [...new Set(good)];
    },
    right: chain,
    near: fc.oneof(like(chain, ...authorities), fc.constantFrom(chain, ...authorities)),
  },
];

const anyText = fc.string({ unit: "grapheme", maxLength: 30 });

/** How a text comes in: as single keys, as keys of several characters, or as bytes. */
const ways = fc.record({
  by: fc.constantFrom("keys", "pieces", "bytes", "paste"),
  size: fc.integer({ min: 1, max: 40 }),
});

async function keysOf(
  text: string,
  { by, size }: { by: string; size: number },
  painted: PaintedTerminal,
): Promise<Key[]> {
  const pieces = (all: readonly string[]) =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
      all.slice(index * size, (index + 1) * size).join(""),
    );
  const key = (piece: string): Key =>
    piece === "\n" ? { name: "enter" } : { name: "character", text: piece };
  if (by === "keys") return [...text].map(key);
  if (by === "pieces")
    return text
      .split(/(\n)/)
      .flatMap((part) => (part === "\n" ? [part] : pieces([...part])))
      .filter((piece) => piece !== "")
      .map(key);
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  painted.keys.length = 0;
  const bytes = Buffer.from(by === "paste" ? `\x1b[200~${text}\x1b[201~` : text);
  for (let from = 0; from < bytes.length; from += size) {
    painted.type(bytes.subarray(from, from + size));
    await pause();
  }
  await pause();
  return [...painted.keys];
}

async function holds(t: ExecutionContext, place: Place, text: string, keys: readonly Key[]) {
  const person = place.open();
  const type = () => {
    for (const key of keys) person.send({ type: "key", key });
  };
  type();
  for (const stroke of place.submit)
    if (stroke === "again") type();
    else person.press(stroke);
  t.deepEqual(place.judged(person), place.expected(text), JSON.stringify(text));
}

for (const place of places)
  test(`what is typed is what is judged: ${place.name}`, async (t) => {
    const painted = openPainted({ term: "xterm", columns: 80, rows: 24 });
    t.teardown(() => painted.close());
    t.not(place.expected(place.right), undefined);
    for (const by of ["keys", "pieces", "bytes", "paste"])
      await holds(t, place, place.right, await keysOf(place.right, { by, size: 7 }, painted));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyText.filter(noKeys), { weight: 3, arbitrary: place.near }),
        ways,
        async (text, way) => holds(t, place, text, await keysOf(text, way, painted)),
      ),
      { numRuns: 80 },
    );
  });

test("what is typed is what is searched for in the logs", async (t) => {
  const painted = openPainted({ term: "xterm", columns: 80, rows: 24 });
  t.teardown(() => painted.close());
  const { state: app } = new Person(described);
  await fc.assert(
    fc.asyncProperty(anyText.filter(noKeys), ways, async (text, way) => {
      let state: LogsState = { ...startLogs(), filtering: true };
      for (const key of await keysOf(text, way, painted))
        state = logsModel.update(state, { type: "key", key }, contextOf(app)).state;
      t.is(state.filter.text, text);
    }),
    { numRuns: 80 },
  );
});

test("what is typed while configd checks a PIN is the begin of the next one, and nothing of it is lost", (t) => {
  const person = new Person(withPin).press("=1234", "enter", "=56");
  const answer = (reply: VerbReply<"unlock">) =>
    person.send({
      type: "answer",
      to: lockNumber,
      event: { type: "reply", verb: "unlock", reply },
    });
  answer({ unlocked: false, retryAfterMs: 0 });
  person.press("=78", "enter");
  t.is(asked(person, "unlock")?.pin, "5678");
  person.press("=9");
  answer({ unlocked: true, retryAfterMs: 0 });
  t.is(person.state.lock, null, "and it reaches no screen");
  t.is(person.state.pile.length, 1);
});

test("a paste that is too long for certificates is refused as a whole, until it is emptied", (t) => {
  const person = at("=9", "=1", "f3");
  const piece = (text: string) => person.send({ type: "key", key: { name: "character", text } });
  piece(authorities[0] ?? "");
  for (let count = 0; count < 70; count++) piece("x".repeat(1000));
  piece(` ${authorities[1]}`);
  person.press("f2");
  t.regex(person.screen().replaceAll(/\s+/g, " "), /longer than 60000 characters/);
  person.press("ctrl-u");
  piece(chain.replaceAll("\n", " "));
  person.press("f2", "f2");
  t.is(asked(person, "review")?.settings.trust.certificates.length, 2);
});
