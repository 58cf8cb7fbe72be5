import { readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { draw, pictures } from "./picture.ts";
import { scenes } from "./scenes.ts";

/** `npm run pictures` draws them again. */
const update = process.env.UPDATE_PICTURES === "1";

for (const { scene: sceneName, name, page } of pictures) {
  test(`${page} shows ${name} as the console looks now`, async (t) => {
    const scene = scenes.find((each) => each.name === sceneName);
    if (!scene) return t.fail(`there is no scene ${sceneName}`);
    const drawn = await draw(scene);
    const path = new URL(`../../docs/pictures/${name}.svg`, import.meta.url);
    if (update) await writeFile(path, drawn);
    t.true(
      (await readFile(path, "utf8")) === drawn,
      "the picture is another one: npm run pictures",
    );
    t.true(
      (await readFile(new URL(`../../${page}`, import.meta.url), "utf8")).includes(
        `pictures/${name}.svg`,
      ),
    );
  });
}
