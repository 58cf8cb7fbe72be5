import { lengthOf, padEnd, wrap } from "../frame/frame.ts";
import { signs } from "../page/draw-block.ts";
import type { Block, FieldBlock, Page, Surroundings } from "../page/page.ts";
import { keyName } from "../words/key-names.ts";
import type { Words } from "../words/words.ts";
import { type NumberedPart, Numbering } from "./numbering.ts";
import type { Part } from "./parts.ts";

/** This width suits braille displays and dumb terminals. */
const lineWidth = 78;

/**
 * Renders a page as lines to read from the top down: without cursor and colours, every choice with
 * its number.
 */
export function renderPlain(
  page: Page,
  around: Surroundings,
  words: Words,
  parts: readonly NumberedPart[] = new Numbering().of(page),
): string[] {
  const numberOf = (block: number, index = 0): number =>
    parts.find(({ part }) => part.kind !== "key" && part.block === block && placeOf(part) === index)
      ?.number ?? 0;
  const lines = [
    `== ${around.product} - ${page.title} ==`,
    ...[around.simulated ?? "", around.clock].filter((text) => text !== ""),
  ];
  if (around.banner) lines.push(...marked(around.banner.text, around.banner.style));
  for (const [place, block] of page.blocks.entries())
    lines.push(...blockLines(block, place, numberOf, words));
  if (around.message) lines.push(...marked(around.message.text, around.message.style));
  const keys = parts.flatMap(({ part, number }) =>
    part.kind === "key" ? [`${number}. ${part.label} (${keyName(part.key, words)})`] : [],
  );
  return folded([...lines, ...keys]);
}

export function folded(lines: readonly string[]): string[] {
  return lines.flatMap((line) => (lengthOf(line) <= lineWidth ? [line] : wrap(line, lineWidth)));
}

function placeOf(part: Exclude<Part, { kind: "key" }>): number {
  return part.kind === "field" ? 0 : part.index;
}

function blockLines(
  block: Block,
  place: number,
  numberOf: (block: number, index?: number) => number,
  words: Words,
): string[] {
  switch (block.kind) {
    case "gap":
    case "fill":
    case "hold":
    case "rule":
      return [];
    case "heading":
      return [
        "",
        `-- ${block.text}${block.note && block.note.text !== "" ? `: ${block.note.text}` : ""}`,
      ];
    case "text":
      return marked(
        block.label && block.label.text !== "!" ? `${block.label.text} ${block.text}` : block.text,
        block.label?.style ?? block.style,
      );
    case "facts":
      return block.facts.map(({ label, value }) => `${label} ${value.text}`);
    case "table":
      return block.rows.map((cells, index) => {
        const numbered = block.selected === undefined ? "" : `${numberOf(place, index)}. `;
        const texts = cells.flatMap(({ text, style }, column) => {
          const header = block.columns[column]?.header ?? "";
          // The headers say what an arrow between two columns says to the eye.
          if (text === "" || text === "->") return [];
          // The row's key on a screen: here the number before it is what is typed.
          if (numbered !== "" && style === "key") return [];
          return [header === "" || column === 0 ? text : `${header}: ${text}`];
        });
        return `${numbered}${texts.join(", ")}`;
      });
    case "progress":
      return [`${block.label}: ${Math.floor(block.percent)} %, ${block.note}`];
    case "field":
      return fieldLines(block, numberOf(place), words);
    case "menu":
      return ["", ...block.items.map(({ label }, index) => `${numberOf(place, index)}. ${label}`)];
    case "buttons":
      return block.labels.map((label, index) =>
        numberOf(place, index) === 0 ? label : `${numberOf(place, index)}. ${label}`,
      );
    case "verbatim":
      return [...block.lines];
  }
}

function fieldLines(field: FieldBlock, number: number, words: Words): string[] {
  const lines = [`${number}. ${field.label}: ${fieldText(field, words)}`];
  if (field.error !== undefined) lines.push(...marked(field.error, "bad"));
  else if (field.note !== undefined) lines.push(...marked(field.note, "warning"));
  return lines;
}

export function fieldText({ value }: FieldBlock, words: Words): string {
  if (value.type === "choice") return value.options[value.selected] ?? words.say("plain.empty");
  return value.text === ""
    ? words.say("plain.empty")
    : `${value.hiddenLeft ? ".." : ""}${value.text}${value.hiddenRight ? ".." : ""}`;
}

function marked(text: string, style: keyof typeof signs | undefined): string[] {
  const sign = style === undefined ? undefined : signs[style];
  return [sign === undefined ? text : `${sign} ${text}`];
}

/** The numbered options of a field. */
export function choiceLines(field: FieldBlock): string[] {
  if (field.value.type !== "choice") return [];
  const { options, selected } = field.value;
  return options.map(
    (option, index) => `${padEnd(`${index + 1}.`, 3)} ${option}${index === selected ? " *" : ""}`,
  );
}
