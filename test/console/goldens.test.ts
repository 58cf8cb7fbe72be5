import { mkdir, readFile, writeFile } from "node:fs/promises";
import test from "ava";
import type { PaletteName } from "../../console/terminal/palette.ts";
import { pseudoWords } from "../../console/words/words.ts";
import { openPainted, type PaintedCell, type PaintedTerminal } from "./painted.ts";
import { sceneFrame } from "./scene.ts";
import { scenes } from "./scenes.ts";

const folder = new URL("../golden/console/", import.meta.url);
const update = process.env.UPDATE_GOLDEN === "1";

interface Variant {
  term: "linux" | "vt220";
  columns: number;
  rows: number;
  pseudo: boolean;
  palette?: PaletteName;
}
const variants: Variant[] = [
  ...(["linux", "vt220"] as const).flatMap((term) => [
    { term, columns: 80, rows: 24, pseudo: false },
    { term, columns: 132, rows: 43, pseudo: false },
  ]),
  { term: "linux", columns: 80, rows: 24, pseudo: true },
  { term: "linux", columns: 80, rows: 24, pseudo: false, palette: "high-contrast" },
];

for (const { term, columns, rows, pseudo, palette } of variants) {
  const label = `${term}-${columns}x${rows}${pseudo ? "-pseudo" : ""}${palette === undefined ? "" : `-${palette}`}`;
  test(`every screen on ${label} is painted as its golden, within the rules of all screens`, async (t) => {
    const painted = openPainted({
      term,
      columns,
      rows,
      ...(palette === undefined ? {} : { palette }),
    });
    try {
      for (const scene of scenes) {
        const frame = await sceneFrame(
          scene,
          { columns, rows },
          pseudo ? pseudoWords() : undefined,
        );
        const lines = await painted.show(frame);
        const faults = [
          ...brokenRules(painted, lines, { term, columns, rows, simulated: scene.machine }),
          ...(palette === "high-contrast" ? lowContrast(painted) : []),
        ];
        t.deepEqual(faults, [], `${scene.name}: ${faults.join("; ")}\n${lines.join("\n")}`);
        const cursor = frame.cursor
          ? `cursor ${frame.cursor.column},${frame.cursor.row}`
          : "no cursor";
        const text = `${lines.map((line) => line.trimEnd()).join("\n")}\n--- ${cursor}\n${palette === undefined ? "" : looksOf(painted)}`;
        const file = new URL(`${screenOf(scene.name)}/${scene.name}@${label}.txt`, folder);
        if (update) {
          await mkdir(new URL(".", file), { recursive: true });
          await writeFile(file, text);
        } else
          t.is(
            text,
            await readFile(file, "utf8").catch(
              () => "there is no golden: run with UPDATE_GOLDEN=1",
            ),
            scene.name,
          );
      }
    } finally {
      painted.close();
    }
    t.pass();
  });
}

/** A scene is named SCREEN or SCREEN-STATE; each screen has a folder of goldens. */
function screenOf(scene: string): string {
  return scene.replace(/-.*/, "");
}

/**
 * The look of each cell as a letter, where a palette has a golden of its own: the texts are the
 * same in all palettes.
 */
const looks: readonly [letter: string, name: string, matches: (cell: PaintedCell) => boolean][] = [
  [".", "white on black", ({ foreground, background }) => foreground === 7 && background === 0],
  ["y", "yellow on black", ({ foreground, background }) => foreground === 3 && background === 0],
  ["W", "black on white", ({ foreground, background }) => foreground === 0 && background === 7],
  ["Y", "black on yellow", ({ foreground, background }) => foreground === 0 && background === 3],
];

function lookOf(cell: PaintedCell): string {
  const [letter = "?"] = looks.find(([, , matches]) => matches(cell)) ?? [];
  return letter === "." && cell.underline ? "_" : letter;
}

function looksOf(painted: PaintedTerminal): string {
  const legend = [
    ...looks.map(([letter, name]) => `${letter} ${name}`),
    "_ white on black, underlined",
  ].join("; ");
  return `--- ${legend}\n${painted
    .cells()
    .map((row) => row.map(lookOf).join(""))
    .join("\n")}\n`;
}

/** Only pairs of colours that everyone can distinguish, and bright letters on dark ground. */
function lowContrast(painted: PaintedTerminal): string[] {
  const cells = painted.cells().flat();
  return [
    ...(cells.some((cell) => lookOf(cell) === "?")
      ? ["a pair of colours with little contrast"]
      : []),
    ...(cells.some((cell) => cell.background === 0 && cell.text !== " " && !cell.bold)
      ? ["letters that are not bright"]
      : []),
  ];
}

/** Checks that every screen has to pass. */
function brokenRules(
  painted: PaintedTerminal,
  lines: readonly string[],
  expected: { term: string; columns: number; rows: number; simulated: string },
): string[] {
  const faults: string[] = [];
  const fault = (broken: boolean, text: string) => {
    if (broken) faults.push(text);
  };
  const cells = painted.cells();
  fault(lines.length !== expected.rows, "wrong number of rows");
  fault(
    lines.some((line) => [...line].length > expected.columns),
    "a line is wider than the screen",
  );
  const allowed = expected.term === "linux" ? /^[ -~\u00a1-\u00ac\u00ae-\u00ff─]*$/ : /^[ -~─]*$/;
  fault(
    lines.some((line) => !allowed.test(line)),
    "a glyph that the terminal's font has not",
  );
  fault(!/F1|Esc|Ésç/.test(lines.at(-1) ?? ""), "no keys in the last row");
  fault(
    !(lines[0] ?? "").includes(expected.simulated),
    "the first row does not name the simulated machine",
  );
  fault(/open sesame|wrong-password|x{20}/.test(lines.join("\n")), "a secret is shown");
  fault(/undefined|\[object|NaN|\{\w+\}/.test(lines.join("\n")), "an empty place in a text");
  const body = cells.slice(1, -1).flat();
  const focusable =
    body.some(({ text, inverse }) => inverse && text !== "") || !painted.cursor().hidden;
  const marked = lines.slice(1, -1).some((line) => /(^| )> |\[> /.test(line));
  // The focus of a choice is shown by a sign besides its colour.
  fault(
    /\[ {2}|^ {3}\d/m.test(lines.slice(2, -1).join("\n")) && !marked && !focusable,
    "no focus to be seen",
  );
  if (expected.term === "vt220")
    fault(marked && !focusable, "the focus is not to be seen without colours");
  fault(
    expected.term === "vt220" &&
      cells.flat().some(({ foreground, background }) => foreground !== null || background !== null),
    "colours on a monochrome terminal",
  );
  return faults;
}

test("a window that is too small says so, and shows everything again when it is enlarged", async (t) => {
  const [scene] = scenes;
  if (scene === undefined) return t.fail();
  const painted = openPainted({ term: "linux", columns: 60, rows: 15 });
  try {
    const small = await painted.show(await sceneFrame(scene, painted.terminal.size()));
    t.regex(small.join(" "), /too small/);
    for (const [columns, rows] of [
      [1, 1],
      [79, 24],
      [80, 23],
      [5, 40],
    ] as const) {
      painted.resize(columns, rows);
      await painted.show(await sceneFrame(scene, painted.terminal.size()));
    }
    painted.resize(80, 24);
    const full = await painted.show(await sceneFrame(scene, painted.terminal.size()));
    t.regex(full[0] ?? "", /Outrider - Home/);
    t.regex(full.at(-1) ?? "", /F1/);
  } finally {
    painted.close();
  }
});

test("a terminal that reports no size gets 80 columns and 24 rows", (t) => {
  const painted = openPainted({ term: "vt220", columns: 0, rows: 0 });
  t.deepEqual(painted.terminal.size(), { columns: 80, rows: 24 });
  painted.close();
});

test("a second of the countdown costs less than 200 bytes", async (t) => {
  const { updateApp } = await import("../../console/app/model.ts");
  const { startApp } = await import("../../console/app/state.ts");
  const { viewApp } = await import("../../console/app/view.ts");
  const { english } = await import("../../console/words/words.ts");
  const { loadDescribedMachine } = await import("../../src/simulation/described-machine.ts");
  const { describedStatus } = await import("../../src/simulation/status.ts");
  for (const term of ["linux", "vt220"]) {
    const painted = openPainted({ term, columns: 80, rows: 24 });
    let state = startApp({
      words: english,
      canLeave: false,
      columns: 80,
      rows: 24,
      monotonicMs: 0,
    });
    state = updateApp(state, {
      type: "status",
      status: describedStatus(await loadDescribedMachine("scanning"), 1_800_000_000_000),
      monotonicMs: 0,
    }).state;
    await painted.show(viewApp(state).frame);
    painted.takeBytes();
    state = updateApp(state, { type: "tick", monotonicMs: 1000 }).state;
    await painted.show(viewApp(state).frame);
    const bytes = painted.takeBytes();
    t.true(bytes > 0 && bytes < 200, `${bytes} bytes on ${term}`);
    painted.close();
  }
});
