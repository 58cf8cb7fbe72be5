import { openPainted, type PaintedCell } from "./painted.ts";
import { type Scene, sceneFrame } from "./scene.ts";

/** The pages' pictures of the console: a scene's name, its file in docs/pictures, and the page. */
export const pictures: readonly { scene: string; name: string; page: string }[] = [
  { scene: "home-scanning", name: "console-home", page: "README.md" },
  { scene: "network-error", name: "console-network", page: "README.md" },
  { scene: "trial-keep", name: "console-trial", page: "README.md" },
  { scene: "diagnostics-failed", name: "console-diagnostics", page: "README.md" },
  { scene: "welcome", name: "console-keyboard", page: "docs/install/README.md" },
  { scene: "home-new", name: "console-new", page: "docs/install/README.md" },
  { scene: "enrolment-good", name: "console-platform", page: "docs/install/README.md" },
  { scene: "network-split", name: "console-split", page: "docs/install/README.md" },
  { scene: "home-zero-touch", name: "console-zero-touch", page: "docs/operate/zero-touch.md" },
];
const columns = 80;
const rows = 24;
const cellWidth = 9;
const cellHeight = 18;
const padding = 12;

/** The Linux console's sixteen colours (drivers/tty/vt/vt.c, default_red and so on). */
const colours = [
  "#000000",
  "#aa0000",
  "#00aa00",
  "#aa5500",
  "#0000aa",
  "#aa00aa",
  "#00aaaa",
  "#aaaaaa",
];
const bright = [
  "#555555",
  "#ff5555",
  "#55ff55",
  "#ffff55",
  "#5555ff",
  "#ff55ff",
  "#55ffff",
  "#ffffff",
];
const background = "#000000";

interface Look {
  foreground: string;
  background: string;
  bold: boolean;
  underline: boolean;
}

function lookOf(cell: PaintedCell): Look {
  const set = cell.bold ? bright : colours;
  const fore = set[cell.foreground ?? 7] ?? "#aaaaaa";
  const back = cell.background === null ? background : (colours[cell.background] ?? background);
  const swapped = cell.inverse
    ? { foreground: back, background: fore }
    : { foreground: fore, background: back };
  return { ...swapped, bold: cell.bold, underline: cell.underline };
}

const escapeXml = (text: string) =>
  text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

function rowSvg(cells: readonly PaintedCell[], row: number): string {
  const parts: string[] = [];
  for (let start = 0; start < cells.length; ) {
    const look = lookOf(cells[start] ?? emptyCell);
    let end = start + 1;
    while (
      end < cells.length &&
      JSON.stringify(lookOf(cells[end] ?? emptyCell)) === JSON.stringify(look)
    )
      end += 1;
    const text = cells
      .slice(start, end)
      .map((cell) => cell.text)
      .join("");
    const x = padding + start * cellWidth;
    const y = padding + row * cellHeight;
    const width = (end - start) * cellWidth;
    if (look.background !== background)
      parts.push(
        `<rect x="${x}" y="${y}" width="${width}" height="${cellHeight}" fill="${look.background}"/>`,
      );
    const decoration = look.underline ? ' text-decoration="underline"' : "";
    const style = `fill="${look.foreground}"${look.bold ? ' font-weight="bold"' : ""}${decoration}`;
    // Viewers collapse spaces, so each stretch of text is placed by itself, with single
    // non-breaking spaces.
    for (const { 0: stretch, index } of text.matchAll(/\S+(?: \S+)*/g)) {
      const at = x + index * cellWidth;
      const length = stretch.length * cellWidth;
      const shown = escapeXml(stretch).replaceAll(" ", "\u00a0");
      parts.push(
        `<text x="${at}" y="${y + cellHeight - 5}" textLength="${length}" lengthAdjust="spacingAndGlyphs" ${style}>${shown}</text>`,
      );
    }
    start = end;
  }
  return parts.join("\n");
}

const emptyCell: PaintedCell = {
  text: " ",
  bold: false,
  inverse: false,
  underline: false,
  foreground: null,
  background: null,
};

/** Draws the frame as SVG, from the same cells as the goldens. */
export async function draw(scene: Scene): Promise<string> {
  const painted = openPainted({ term: "linux", columns, rows });
  await painted.show(await sceneFrame(scene, { columns, rows }));
  const lines = painted.cells().map(rowSvg).join("\n");
  painted.close();
  const width = columns * cellWidth + padding * 2;
  const height = rows * cellHeight + padding * 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="15">',
    lines,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}
