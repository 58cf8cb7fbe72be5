import test, { type ExecutionContext } from "ava";
import { pageOf, surroundings } from "../../console/app/view.ts";
import { partsOf } from "../../console/plain/parts.ts";
import { renderPlain } from "../../console/plain/render.ts";
import { keysTo } from "../../console/plain/steer.ts";
import { menu, moreMenu } from "../../console/screens/shared/menu.ts";
import { english, pseudoWords } from "../../console/words/words.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { CertificateAuthority } from "../../src/platform/certificates/authority.ts";
import { ScriptedConfigd } from "./client-fake.ts";
import { type Dialogue, talkWith } from "./dialogue.ts";
import { Person } from "./person.ts";
import { playScene, type Stroke } from "./scene.ts";
import { scenes } from "./scenes.ts";

const number = (text: string, label: string) =>
  new RegExp(`^(\\d+)\\. (?:\\d, )?${label}`, "m").exec(text)?.[1] ?? "no number";

test("by numbers alone a static address is typed, a typing error corrected, tried and kept", async (t) => {
  const { configd, tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  await tell("1", /IPv4 address: automatic/);
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

test("help, wrong numbers, going back and leaving have texts", async (t) => {
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

test("news is written when it comes: configd goes away, a trial begins", async (t) => {
  const { configd, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  const { sceneTrial } = await import("./scene-trial.ts");
  configd.change({ trial: sceneTrial("waiting", [], "keep") });
  await heard("Back to the old settings in");
  t.pass();
});

test("every screen of the menus is opened by its number", async (t) => {
  const { tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  const home = await heard("1. Network");
  const titleBehind = async (...places: number[]) =>
    (await Person.at("one-nic")).press(...places.map((place): Stroke => `=${place + 1}`)).title();
  for (const [place, { label }] of menu.entries()) {
    await tell(number(home, english.say(label)), `== Outrider - ${await titleBehind(place)} ==`);
    await tell("home", "== Outrider - Home ==");
  }
  const more = await tell(number(home, "More"), "== Outrider - More ==");
  for (const [place, { label }] of moreMenu.entries()) {
    await tell(
      number(more, english.say(label)),
      `== Outrider - ${await titleBehind(menu.length - 1, place)} ==`,
    );
    await tell("0", "== Outrider - More ==");
  }
  t.pass();
});

async function openCertificates(
  t: ExecutionContext,
): Promise<Dialogue & { screen: string; configd: ScriptedConfigd }> {
  const dialogue = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await dialogue.tell(number(await dialogue.heard("1. Network"), "More"), "== Outrider - More ==");
  const screen = await dialogue.tell("1", /== Outrider - Certificates ==/);
  return { ...dialogue, screen };
}

const authority = async (name: string) =>
  (await CertificateAuthority.make(name, systemClock, systemRandom)).certificate.trim();

test("line by line a certificate is loaded from a stick and reviewed", async (t) => {
  const { screen, configd, tell } = await openCertificates(t);
  configd.files.set("old.crt", await authority("Old inspection"));
  configd.files.set("proxy.pem", await authority("Example inspection"));
  const volumes = await tell(number(screen, "From USB or disc"), "OUTRIDER");
  const files = await tell(number(volumes, "OUTRIDER"), "proxy.pem");
  const loaded = await tell(number(files, "proxy.pem"), /Certificates added: 1[\s\S]*Number: $/);
  t.regex(loaded, /Example inspection/);
  await tell(number(loaded, "Review"), "== Outrider - Review");
  t.is(configd.calls.filter(({ name }) => name === "review").length, 1);
});

test("line by line certificates are pasted as they are, one after the other, before or after Paste was chosen", async (t) => {
  const { tell } = await openCertificates(t);
  const first = await tell(await authority("First inspection"), /Certificates added: 1/);
  await tell(number(first, "Paste"), "Paste the certificate now");
  const [second, third] = [
    await authority("Second inspection"),
    await authority("Third inspection"),
  ];
  const pasted = await tell(
    `${second.replaceAll("\n", "\r\n")}\n${third}`,
    /Certificates added: 1[\s\S]*Third inspection[\s\S]*Certificates added: 1/,
  );
  for (const name of ["First", "Second", "Third"])
    t.regex(pasted, new RegExp(`^\\d\\. ${name} inspection`, "m"));
  t.notRegex(pasted, /Not understood/);
});

test("a paste without its end is dropped, and a complete one after it is taken", async (t) => {
  const { tell } = await openCertificates(t);
  const whole = await authority("Example inspection");
  await tell(
    `${whole.split("\n").slice(0, -1).join("\n")}\n`,
    "The text has no end: nothing of it was taken.",
  );
  await tell(
    `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----`,
    "This begins as a certificate does, and cannot be read",
  );
  await tell(whole, /Example inspection/);
  t.pass();
});

test("whatever can be chosen on any screen is reached by its number, and every line is ASCII without control characters", async (t) => {
  for (const words of [english, pseudoWords()])
    for (const scene of scenes) {
      const state = await playScene(scene, { columns: 132, rows: 400 }, words);
      const page = pageOf(state);
      for (const part of partsOf(page))
        if (part.kind !== "key")
          t.not(keysTo(state, part), null, `${scene.name}: ${JSON.stringify(part)}`);
      const lines = renderPlain(page, surroundings(state), words);
      for (const line of lines) {
        t.true([...line].length <= 78, `${scene.name}: ${line}`);
        t.false(/[\u0000-\u001f\u007f]/.test(line), scene.name);
        t.false(/undefined|\[object|NaN|\{\w+\}|open sesame/.test(line), `${scene.name}: ${line}`);
      }
    }
});
