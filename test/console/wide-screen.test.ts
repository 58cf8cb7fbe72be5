import test from "ava";
import { layOut } from "../../console/page/layout.ts";

/** A virtual machine's screen of 1280 by 800 pixels has 160 columns and 50 rows. */
test("on a wide screen text stays readable and rules go from edge to edge", (t) => {
  const size = { columns: 160, rows: 50 };
  const page = {
    title: "Home",
    blocks: [{ kind: "text" as const, text: "word ".repeat(80).trim() }, { kind: "rule" as const }],
    keys: [],
  };
  const around = {
    product: "Outrider",
    clock: "now",
    simulated: null,
    banner: null,
    message: null,
    scroll: 0,
    followsFocus: true,
  };
  const { frame } = layOut(page, around, size, {
    tooSmall: "too small",
    moreAbove: "above",
    moreBelow: "below",
    keyName: (key) => key,
  });
  const texts = frame.lines.map((line) => line.map(({ text }) => text).join(""));
  t.is(texts.filter((text) => text === "─".repeat(160)).length, 1);
  const widest = Math.max(
    ...texts.filter((text) => text.includes("word")).map((text) => text.trimEnd().length),
  );
  t.true(widest <= 132 && widest > 100, String(widest));
});
