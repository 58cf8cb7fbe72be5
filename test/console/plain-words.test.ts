import test from "ava";
import { pageOf, surroundings } from "../../console/app/view.ts";
import { renderPlain } from "../../console/plain/render.ts";
import { en } from "../../console/words/en.ts";
import { enLines } from "../../console/words/en-lines.ts";
import { english, pseudo, pseudoWords } from "../../console/words/words.ts";
import { ScriptedConfigd } from "./client-fake.ts";
import { talkWith } from "./dialogue.ts";
import { playScene } from "./scene.ts";
import { scenes } from "./scenes.ts";

/** Keys that move about on a screen, and mean nothing where lines are typed. */
const moving =
  /\b(?:Left and Right|Up and Down|arrows?|Tab|Page Up|PgUp|PgDn|Esc|Enter (?:shows|saves|takes|goes|opens)|press Enter)\b/i;
/** Names and labels of keys, which only the full screen shows. */
const ofScreen = /^(?:keyName|keys?|layout)\./;

test("no text of line mode speaks of keys that only move about on a screen", (t) => {
  const lines = english.byLine();
  const keys = Object.keys(en) as (keyof typeof en)[];
  for (const key of keys)
    if (!ofScreen.test(key)) t.notRegex({ ...en, ...enLines }[key], moving, key);
  t.is(lines.say("hint.ipv4.method"), enLines["hint.ipv4.method"]);
  t.is(english.say("hint.ipv4.method"), en["hint.ipv4.method"]);
  t.is(pseudoWords().byLine().say("help.more"), pseudo(enLines["help.more"]));
  t.is(lines.byLine(), lines);
});

test("a text of line mode has the values of the screen's", (t) => {
  const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, text] of Object.entries(enLines))
    t.deepEqual(values(text), values(Reflect.get(en, key)), key);
});

test("no screen says in lines which arrow chooses", async (t) => {
  for (const scene of scenes) {
    const state = await playScene(
      { ...scene, byLine: true },
      { columns: 132, rows: 400 },
      english.byLine(),
    );
    // Line mode never opens the list of keys: there ? asks for help.
    if (state.overlay?.kind === "keys") continue;
    for (const line of renderPlain(pageOf(state), surroundings(state), english.byLine()))
      t.notRegex(line, moving, `${scene.name}: ${line}`);
  }
});

test("a key that a text names is typed by its name", async (t) => {
  const { tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  await tell("4", "== Outrider - Diagnostics ==");
  await tell("f6", "== Outrider - Tools ==");
  await tell("Esc", "== Outrider - Diagnostics ==");
  await tell("F10", "== Outrider - Home ==");
  await tell("C", "== Outrider - Home ==");
  await tell("F12", "Not understood: F12");
  await tell("1", "== Outrider - Network ==");
  await tell("F1", /== Outrider - Help: Network ==(?![\s\S]*Keys here)/);
  t.pass();
});
