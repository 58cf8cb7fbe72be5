import test from "ava";
import { pageOf, surroundings } from "../../console/app/view.ts";
import { partsOf } from "../../console/plain/parts.ts";
import { renderPlain } from "../../console/plain/render.ts";
import { keysTo } from "../../console/plain/steer.ts";
import { english, pseudoWords } from "../../console/words/words.ts";
import { ScriptedConfigd } from "./client-fake.ts";
import { talkWith } from "./dialogue.ts";
import { playScene, scenes } from "./scenes.ts";

test("by numbers alone a static address is typed, a typing error corrected, tried and kept", async (t) => {
  const { configd, tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  await tell("1", /IPv4 address: automatic/);
  const number = (text: string, label: string) => new RegExp(`^(\\d+)\\. ${label}`, "m").exec(text)?.[1] ?? "";
  let screen = await tell("", /== Outrider - Network/);
  await tell(number(screen, "IPv4 address"), /2\. +static/);
  screen = await tell("2", /Address and mask/);
  await tell(number(screen, "Address and mask"), /type the new text/);
  await tell("192.0.2.600/24", "192.0.2.600 is not an IPv4 address");
  screen = await tell("", /== Outrider - Network/);
  await tell(number(screen, "Address and mask"), /type the new text/);
  screen = await tell("192.0.2.60/24", /Address and mask: 192\.0\.2\.60\/24/);
  await tell(number(screen, "Gateway"), /type the new text/);
  screen = await tell("192.0.2.1", /Gateway: 192\.0\.2\.1/);
  await tell(number(screen, "DNS servers"), /type the new text/);
  screen = await tell("192.0.2.53", /DNS servers: 192\.0\.2\.53/);
  screen = await tell(number(screen, "Review the change"), /New: 192\.0\.2\.60\/24/);
  screen = await tell(number(screen, "Apply on trial"), /Back to the old settings in/);
  await tell(number(screen, "Keep"), "The new settings are kept");
  const tried = configd.calls.find(({ name }) => name === "try");
  t.regex(JSON.stringify(tried?.request), /"address":"192\.0\.2\.60\/24"/);
  t.true(configd.calls.some(({ name }) => name === "keep"));
});

test("help, wrong numbers, going back and leaving are said in words", async (t) => {
  const { tell, heard, ended, said } = talkWith(t, await ScriptedConfigd.of("scanning"));
  await heard("1. Network");
  await tell("99", "There is no number 99 here");
  await tell("reboot please", "Not understood: reboot please");
  await tell("?", "Home shows what the appliance is doing");
  await tell("0", "== Outrider - Home");
  await tell("2", "== Outrider - Proxy");
  await tell("?1", "Direct: the appliance connects");
  await tell("0", "== Outrider - Proxy");
  await tell("0", "== Outrider - Home");
  await tell("leave", "").catch(() => "");
  await ended;
  t.notRegex(said(), /\x1b/);
});

test("news is said when it comes: configd goes away, a trial begins", async (t) => {
  const { configd, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  const { sceneTrial } = await import("./scenes.ts");
  configd.change({ trial: sceneTrial("waiting", [], "keep") });
  await heard("Back to the old settings in");
  t.pass();
});

test("whatever can be chosen on any screen is reached by its number, and every line is ASCII without control characters", async (t) => {
  for (const words of [english, pseudoWords()])
    for (const scene of scenes) {
      const state = await playScene(scene, { columns: 132, rows: 400 }, words);
      const page = pageOf(state);
      for (const part of partsOf(page)) if (part.kind !== "key") t.not(keysTo(state, part), null, `${scene.name}: ${JSON.stringify(part)}`);
      const lines = renderPlain(page, surroundings(state), words);
      for (const line of lines) {
        t.true([...line].length <= 78, `${scene.name}: ${line}`);
        t.false(/[\u0000-\u001f\u007f]/.test(line), scene.name);
        t.false(/undefined|\[object|NaN|\{\w+\}|open sesame/.test(line), `${scene.name}: ${line}`);
      }
    }
});
