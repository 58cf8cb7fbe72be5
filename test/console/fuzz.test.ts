import test from "ava";
import fc from "fast-check";
import { updateApp } from "../../console/app/model.ts";
import { type AppEvent, startApp } from "../../console/app/state.ts";
import { viewApp } from "../../console/app/view.ts";
import { rowLength } from "../../console/frame/frame.ts";
import { character, type Key, namedKeys } from "../../console/page/key.ts";
import { allowedGlyph, drawable } from "../../console/terminal/glyphs.ts";
import { english, pseudoWords } from "../../console/words/words.ts";
import {
  describedMachineNames,
  loadDescribedMachine,
} from "../../src/simulation/described-machine.ts";
import { describedStatus } from "../../src/simulation/status.ts";
import { sceneTimeMs } from "./scene.ts";
import { sceneReview, sceneTrial } from "./scene-trial.ts";
import { moreScenes } from "./scenes-more.ts";

const statuses = await Promise.all(
  (await describedMachineNames()).map(async (name) =>
    describedStatus(await loadDescribedMachine(name), sceneTimeMs),
  ),
);

const key: fc.Arbitrary<AppEvent> = fc
  .oneof(
    fc.constantFrom(...namedKeys).map((name): Key => ({ name })),
    fc.constantFrom(..."123456789?krmcs0fl/").map(character),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 2 }).map(character),
  )
  .map((pressed) => ({ type: "key", key: pressed }));

const answer = fc.constantFrom<Extract<AppEvent, { type: "answer" }>["event"]>(
  { type: "reply", verb: "review", reply: sceneReview },
  { type: "reply", verb: "review", reply: { ...sceneReview, changes: [], netplan: "" } },
  { type: "reply", verb: "try", reply: sceneTrial("checking", [], null) },
  { type: "reply", verb: "doctor", reply: { results: [] } },
  ...moreScenes.flatMap(({ steps }) =>
    steps.flatMap((step) => (typeof step === "object" && "answer" in step ? [step.answer] : [])),
  ),
  { type: "reply", verb: "unlock", reply: { unlocked: false, retryAfterMs: 5000 } },
  { type: "reply", verb: "unlock", reply: { unlocked: true, retryAfterMs: 0 } },
  { type: "reply", verb: "setPin", reply: {} },
  { type: "reply", verb: "setKeyboard", reply: {} },
  { type: "reply", verb: "keep", reply: {} },
  { type: "reply", verb: "enrol", reply: {} },
  { type: "failed", verb: "try", failure: { code: "trial-failed", detail: "x".repeat(500) } },
  {
    type: "failed",
    verb: "power",
    failure: { code: "from-the-future", detail: "\u001b[31m\u0000" },
  },
);

const event: fc.Arbitrary<AppEvent> = fc.oneof(
  { weight: 20, arbitrary: key },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: -1, max: 6 }), answer)
      .map(([to, told]): AppEvent => ({ type: "answer", to, event: told })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...statuses), fc.boolean(), fc.boolean())
      .map(([status, trial, consolePin]): AppEvent => {
        const secrets = { ...status.secrets, consolePin };
        const settingsSource = consolePin ? "file" : "defaults";
        return {
          type: "status",
          status: {
            ...status,
            secrets,
            settingsSource,
            trial: trial ? sceneTrial("waiting", [], "keep") : status.trial,
          },
          monotonicMs: 0,
        };
      }),
  },
  { weight: 1, arbitrary: fc.constant<AppEvent>({ type: "disconnected" }) },
  {
    weight: 1,
    arbitrary: fc.nat(2_000_000).map((monotonicMs): AppEvent => ({ type: "tick", monotonicMs })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat(200), fc.nat(60))
      .map(([columns, rows]): AppEvent => ({ type: "size", columns, rows })),
  },
);

test("for any keys and any answers of configd, every screen is drawn in its size, with glyphs of the font", (t) => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 80 }),
      fc.boolean(),
      fc.boolean(),
      (events, canLeave, pseudo) => {
        let state = startApp({
          words: pseudo ? pseudoWords() : english,
          canLeave,
          atMachine: !pseudo,
          columns: 80,
          rows: 24,
          monotonicMs: 0,
        });
        for (const each of events) {
          state = updateApp(state, each).state;
          const seen = viewApp(state);
          state = seen.state;
          const { columns, rows, lines, cursor } = seen.frame;
          if (lines.length !== rows || lines.some((line) => rowLength(line) !== columns))
            return false;
          if (cursor && (cursor.column >= columns || cursor.row >= rows || cursor.row < 0))
            return false;
          for (const line of lines)
            for (const { text } of line)
              if (
                ![...drawable(text, "ascii-and-lines")].every((glyph) =>
                  allowedGlyph(glyph, "ascii-and-lines"),
                )
              )
                return false;
        }
        return true;
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});
