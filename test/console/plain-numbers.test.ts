import test from "ava";
import { pageOf } from "../../console/app/view.ts";
import { Numbering } from "../../console/plain/numbering.ts";
import { entersRows, partsOf } from "../../console/plain/parts.ts";
import { ScriptedConfigd } from "./client-fake.ts";
import { talkWith } from "./dialogue.ts";
import { playScene } from "./scene.ts";
import { scenes } from "./scenes.ts";

/** The numbered lines of the last screen: number by label. */
function numbersOn(said: string): ReadonlyMap<string, number> {
  const screen = said.slice(said.lastIndexOf("== Outrider"));
  return new Map(
    [...screen.matchAll(/^(\d+)\. ([^:,\n]+)/gm)].map(([, number, label]) => [
      label ?? "",
      Number(number),
    ]),
  );
}

test("fields that appear get numbers of their own, and all others keep theirs", async (t) => {
  const { tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  const before = numbersOn(await tell("1", /== Outrider - Network[\s\S]*Number: $/));
  t.deepEqual(
    [...before.values()],
    [...before.keys()].map((_, index) => index + 1),
    "at first in the order of the page",
  );
  await tell(String(before.get("IPv4 address")), /2\. +static/);
  const after = numbersOn(await tell("2", /Address and mask[\s\S]*Number: $/));
  for (const [label, number] of before) t.is(after.get(label), number, label);
  t.true((after.get("Address and mask") ?? 0) > before.size);
  await tell(String(after.get("Address and mask")), /type the new text/);
  const typed = numbersOn(await tell("192.0.2.60/24", /192\.0\.2\.60\/24[\s\S]*Number: $/));
  t.deepEqual(typed, after);
});

test("a number belongs to one side: fields of LAN do not take those of WAN", async (t) => {
  const { tell, heard } = talkWith(t, await ScriptedConfigd.of("two-nics"));
  await heard("1. Network");
  const sides = (said: string) => {
    const screen = said.slice(said.lastIndexOf("== Outrider"));
    const [, lan = "", wan = ""] = /-- LAN([\s\S]*?)-- WAN([\s\S]*)/.exec(screen) ?? [];
    const numbered = (text: string, label: string) =>
      new RegExp(`^(\\d+)\\. ${label}`, "m").exec(text)?.[1];
    return (label: string) => [numbered(lan, label), numbered(wan, label)];
  };
  const single = numbersOn(await tell("1", /== Outrider - Network[\s\S]*Number: $/));
  await tell(String(single.get("Network cards")), /2\. /);
  const split = sides(await tell("2", /-- WAN[\s\S]*Number: $/));
  const [, wanMethod] = split("IPv4 address");
  await tell(String(wanMethod), /2\. +static/);
  const wanStatic = sides(await tell("2", /Address and mask[\s\S]*Number: $/));
  const [none, wanAddress] = wanStatic("Address and mask");
  t.is(none, undefined);
  const [lanMethod] = wanStatic("IPv4 address");
  await tell(String(lanMethod), /2\. +static/);
  const both = sides(await tell("2", /Address and mask[\s\S]*Address and mask[\s\S]*Number: $/));
  const [lanAddress, stillWan] = both("Address and mask");
  t.is(stillWan, wanAddress);
  t.not(lanAddress, wanAddress);
});

test("keys keep their numbers when the rows above them come", async (t) => {
  const numbering = new Numbering();
  const numbersIn = async (name: string) => {
    const scene = scenes.find((each) => each.name === name);
    if (scene === undefined) throw new Error(`there is no scene ${name}`);
    const state = await playScene(scene, { columns: 132, rows: 400 });
    return new Map(
      numbering
        .of(pageOf(state))
        .map(({ number, part }) => [part.kind === "key" ? part.key : number, number]),
    );
  };
  const running = await numbersIn("diagnostics-running");
  const done = await numbersIn("diagnostics");
  t.true(done.size > running.size);
  for (const [key, number] of running) t.is(done.get(key), number, String(key));
});

test("the numbers of a form are the same when one comes back to it", async (t) => {
  const { tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  const before = numbersOn(await tell("1", /== Outrider - Network[\s\S]*Number: $/));
  await tell(String(before.get("IPv4 address")), /2\. +static/);
  const changed = numbersOn(await tell("2", /Address and mask[\s\S]*Number: $/));
  await tell("?", "== Outrider - Help");
  t.deepEqual(numbersOn(await tell("0", /== Outrider - Network[\s\S]*Number: $/)), changed);
});

test("an entry of Home has the number that texts call it by", async (t) => {
  for (const scene of scenes) {
    const page = pageOf(await playScene(scene, { columns: 132, rows: 400 }));
    const entries = page.blocks.flatMap((block) => (block.kind === "menu" ? block.items : []));
    for (const { number, part } of new Numbering().of(page)) {
      const key = part.kind === "entry" ? (entries[part.index]?.key ?? "") : "";
      if (key !== "") t.is(String(number), key, scene.name);
    }
  }
});

test("an authority that was seen is looked at by its number, and added by another", async (t) => {
  const scene = scenes.find(({ name }) => name === "certificates-seen");
  if (scene === undefined) return t.fail("there is no such scene");
  const page = pageOf(await playScene(scene, { columns: 132, rows: 400 }));
  t.false(entersRows(page));
  t.true(partsOf(page).some((part) => part.kind === "key" && part.key === "Enter"));
});

test("what is shown while configd is asked takes no number from what comes then", async (t) => {
  const { tell, heard } = talkWith(t, await ScriptedConfigd.of("one-nic"));
  await heard("1. Network");
  const form = numbersOn(await tell("1", /== Outrider - Network[\s\S]*Number: $/));
  await tell(String(form.get("Host name")), /type the new text/);
  await tell("scanner-7", /scanner-7[\s\S]*Number: $/);
  const review = await tell(
    String(form.get("Review the change")),
    /Apply on trial[\s\S]*Number: $/,
  );
  t.is(numbersOn(review).get("Apply on trial"), 1);
  t.is(numbersOn(review).get("Back to the form"), 2);
});
