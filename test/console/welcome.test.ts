import test from "ava";
import { parseConsoleOptions } from "../../console/options.ts";
import { english } from "../../console/words/words.ts";
import type { Status } from "../../src/configd/api/status.ts";
import { keyboardLayouts } from "../../src/settings/model/keyboards.ts";
import { emptyZeroTouchReport } from "../../src/settings/zero-touch/report.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";
import { ScriptedConfigd } from "./client-fake.ts";
import { talkWith } from "./dialogue.ts";
import { Person } from "./person.ts";
import { sceneTimeMs } from "./scene.ts";
import { sceneTrial } from "./scene-trial.ts";
import { asNew } from "./scenes-keyboard.ts";

const described = describedStatus(await loadDescribedMachine("not-enrolled"), sceneTimeMs);
const fresh = asNew(described);
const atMachine = (status: Status) => new Person(status, { atMachine: true });

test("a new appliance asks for the keyboard first; Enter takes what is chosen, Enter goes on to Home", (t) => {
  const person = atMachine(fresh);
  t.is(person.title(), "Keyboard");
  t.regex(person.screen(), /\(\*\) English, US \(us\)/);
  person.press("=g");
  t.regex(person.screen(), /\(\*\) German \(de\)/);
  person.press("enter", "enter");
  t.deepEqual(
    person.asked(),
    [{ type: "ask", verb: "setKeyboard", request: { layout: "de" } }],
    "asked once, however often Enter is pressed",
  );
  person.change({
    settingsSource: "file",
    settings: { ...fresh.settings, console: { ...fresh.settings.console, keyboard: "de" } },
  });
  person.answer({ type: "reply", verb: "setKeyboard", reply: {} });
  t.regex(person.screen(), /The keyboard is now German \(de\)/);
  person.press("=y@z");
  t.regex(person.screen(), /y@z/);
  person.press("enter");
  t.is(person.title(), "Home");
  t.is(person.asked().length, 1);
});

test("Enter alone, twice, is enough where the layout is the right one already", (t) => {
  const person = atMachine(fresh);
  person.press("enter");
  t.deepEqual(person.asked(), [{ type: "ask", verb: "setKeyboard", request: { layout: "us" } }]);
  person.change({ settingsSource: "file" });
  person.answer({ type: "reply", verb: "setKeyboard", reply: {} });
  person.press("enter");
  t.is(person.title(), "Home");
});

test("a layout that was chosen but not taken is pointed out, and taken by Enter, with a word", (t) => {
  const person = atMachine(fresh);
  person.press("down", "tab", "=x");
  t.regex(person.screen().replace(/\s+/g, " "), /keys are still those of English, US \(us\)/);
  person.press("enter");
  t.deepEqual(person.asked(), [{ type: "ask", verb: "setKeyboard", request: { layout: "ee" } }]);
  person.answer({ type: "reply", verb: "setKeyboard", reply: {} });
  t.is(person.title(), "Keyboard", "the keys can be tried with it");
  t.regex(person.screen().replace(/\s+/g, " "), /Estonian \(ee\)\. /);
  person.press("enter");
  t.is(person.title(), "Home");
});

test("the page's button takes a layout that was not taken, says so and goes on", (t) => {
  const person = atMachine(fresh);
  person.press("down", "tab", "=x", "f2");
  t.deepEqual(person.asked(), [{ type: "ask", verb: "setKeyboard", request: { layout: "ee" } }]);
  person.answer({ type: "reply", verb: "setKeyboard", reply: {} });
  t.is(person.title(), "Home");
  t.regex(person.screen().replace(/\s+/g, " "), /Estonian \(ee\)/);
});

test("a layout that cannot be saved is reported with the remedy, and the page stays", (t) => {
  const person = atMachine(fresh);
  person.press("f2");
  person.answer({
    type: "failed",
    verb: "setKeyboard",
    failure: { code: "storage-full", detail: null },
  });
  t.is(person.title(), "Keyboard");
  t.true(person.screen().replace(/\s+/g, " ").includes(english.error("storage-full").what));
  person.press("escape");
  t.is(person.title(), "Home");
  t.is(person.asked().length, 1, "what was refused is not asked again by itself");
});

test("Esc and F10 go on without an answer, and nothing is asked of configd", (t) => {
  for (const key of ["escape", "f10"] as const) {
    const person = atMachine(fresh);
    person.press("down", "tab", "=typed", key);
    t.is(person.title(), "Home");
    t.deepEqual(person.asked(), []);
  }
});

test("the welcome page opens only on the own screen of a new appliance without problems", (t) => {
  const notAsked: Record<string, Person> = {
    "a serial line or a terminal window": new Person(fresh),
    "settings were kept before": atMachine({ ...fresh, settingsSource: "file" }),
    "settings that could not be read": atMachine({
      ...fresh,
      settingsFailure: { code: "settings-unreadable", detail: "", at: 0 },
    }),
    "settings that are being tried": atMachine({
      ...fresh,
      trial: sceneTrial("waiting", [], "keep"),
    }),
    "the hypervisor gave something": atMachine({
      ...fresh,
      zeroTouch: {
        ...emptyZeroTouchReport,
        sources: [{ source: "OVF environment", place: "guestInfo", fields: ["hostname"] }],
      },
    }),
  };
  for (const [why, person] of Object.entries(notAsked)) t.not(person.title(), "Keyboard", why);
});

test("when another console sets the appliance up meanwhile, the page closes unless it was used", (t) => {
  const person = atMachine(fresh);
  person.change({ settingsSource: "file" });
  person.send({ type: "tick", monotonicMs: 1000 });
  t.is(person.title(), "Home");
  const used = atMachine(fresh);
  used.press("enter");
  used.change({ settingsSource: "file" });
  used.answer({ type: "reply", verb: "setKeyboard", reply: {} });
  used.send({ type: "tick", monotonicMs: 1000 });
  t.is(used.title(), "Keyboard");
});

test("a restart of configd does not open the page again on a console in use", (t) => {
  const person = atMachine(fresh);
  person.press("escape");
  person.send({ type: "disconnected" });
  person.change({});
  t.is(person.title(), "Home");
});

test("line by line the layout is chosen by its number, and taken by the number of the button", async (t) => {
  const configd = new ScriptedConfigd(fresh);
  const { heard, tell, ended } = talkWith(t, configd, true);
  const number = (said: string, line: RegExp) => line.exec(said)?.[1] ?? "";
  const first = await heard(/== Outrider - Keyboard ==/);
  const choices = await tell(
    number(first, /(\d+)\. Keyboard: English, US \(us\)/),
    /type the number of one/,
  );
  await tell(number(choices, /(\d+)\. +French \(fr\)\n/), /Keyboard: French \(fr\)/);
  const chosen = await tell("", /(\d+)\. Go on/);
  await tell(number(chosen, /(\d+)\. Go on/), /== Outrider - Home ==/);
  t.deepEqual(
    configd.calls.filter(({ name }) => name === "setKeyboard"),
    [{ name: "setKeyboard", request: { layout: "fr" } }],
  );
  await tell("leave", "").catch(() => "");
  await ended;
});

test("every layout has a name of its own and can be chosen", (t) => {
  const names = keyboardLayouts.map((layout) => english.say(`layout.${layout}`));
  t.is(new Set(names).size, names.length);
  const person = atMachine(fresh);
  const chosen = new Set<string>();
  person.press("home");
  for (const _ of keyboardLayouts) {
    chosen.add(/\(\*\) .*\((\w+)\)/.exec(person.screen())?.[1] ?? "");
    person.press("down");
  }
  t.deepEqual([...chosen].sort(), [...keyboardLayouts].sort());
});

test("only the unit of the machine's own screen says that the console stands there", (t) => {
  t.true(
    parseConsoleOptions([], { TERM: "linux", OUTRIDER_CONSOLE_KEYBOARD: "machine" }).atMachine,
  );
  t.false(parseConsoleOptions([], { TERM: "linux" }).atMachine);
  t.false(parseConsoleOptions([], { TERM: "vt220" }).atMachine);
});
