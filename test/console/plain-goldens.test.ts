import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { pageOf, surroundings } from "../../console/app/view.ts";
import { renderPlain } from "../../console/plain/render.ts";
import { english } from "../../console/words/words.ts";
import { playScene } from "./scene.ts";
import { scenes } from "./scenes.ts";

const update = process.env.UPDATE_GOLDEN === "1";

/** What a trial can come to, and the screens on the way to it. */
const shown = [
  "home",
  "network",
  "review",
  "trial-checking",
  "trial-keep",
  "trial-revert",
  "trial-not-yet",
];

for (const name of shown)
  test(`line mode writes ${name} as its golden`, async (t) => {
    const scene = scenes.find((each) => each.name === name);
    if (scene === undefined) return t.fail(`there is no scene ${name}`);
    const words = english.byLine();
    const state = await playScene({ ...scene, byLine: true }, { columns: 132, rows: 400 }, words);
    const text = `${renderPlain(pageOf(state), surroundings(state), words).join("\n")}\n`;
    const screen = name.replace(/-.*/, "");
    const file = new URL(`../golden/console/${screen}/${name}@lines.txt`, import.meta.url);
    if (update) await writeFile(file, text);
    t.is(
      text,
      await readFile(file, "utf8").catch(() => "there is no golden: run with UPDATE_GOLDEN=1"),
    );
  });
