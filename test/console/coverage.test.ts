import test from "ava";
import { topOf } from "../../console/app/state.ts";
import { playScene } from "./scene.ts";
import { scenes } from "./scenes.ts";
import { screenStates } from "./screen-states.ts";

const size = { columns: 80, rows: 24 };

test("every screen has a scene as it usually is, with an error, with nothing in it and with values as long as they may be", async (t) => {
  for (const [screen, states] of Object.entries(screenStates))
    for (const [state, wanted] of Object.entries(states)) {
      if (typeof wanted !== "string") continue;
      const scene = scenes.find(({ name }) => name === wanted);
      if (scene === undefined) t.fail(`${screen}, ${state}: there is no scene ${wanted}`);
      else
        t.is<string, string>(
          topOf(await playScene(scene, size)).screen.name,
          screen,
          `${screen}, ${state}: ${wanted}`,
        );
    }
  t.is(new Set(scenes.map(({ name }) => name)).size, scenes.length, "two scenes have one name");
});
