import type { Block, Page } from "../page/page.ts";
import { type Part, partsOf } from "./parts.ts";

export interface NumberedPart {
  number: number;
  part: Part;
}

/**
 * Gives the parts of one screen their numbers: at first in the order of the page. A part keeps its
 * number as long as the screen is open, so that fields and rows that appear move no other one: who
 * cannot see the screen remembers numbers.
 */
export class Numbering {
  readonly #given = new Map<string, number>();

  of(page: Page): NumberedPart[] {
    const seen = new Map<string, number>();
    return partsOf(page).map((part) => {
      const name = nameOf(part, page.blocks);
      const earlier = seen.get(name) ?? 0;
      seen.set(name, earlier + 1);
      const key = JSON.stringify([name, earlier]);
      const number = this.#given.get(key) ?? this.#given.size + 1;
      this.#given.set(key, number);
      return { number, part };
    });
  }
}

/** What tells a part from others: LAN and WAN have fields of the same label below their headings. */
function nameOf(part: Part, blocks: readonly Block[]): string {
  switch (part.kind) {
    case "key":
      return JSON.stringify(["key", part.key]);
    case "row":
      return JSON.stringify(["row", part.cells[0] ?? ""]);
    case "field": {
      const above = blocks.slice(0, part.block).findLast(({ kind }) => kind === "heading");
      const section = above?.kind === "heading" ? above.text : "";
      return JSON.stringify(["field", section, part.field.label]);
    }
    default:
      return JSON.stringify([part.kind, part.label]);
  }
}

/**
 * The numbers of each open screen. They hold from the first prompt on: what a page shows while it
 * still waits for an answer takes no number from what comes then.
 */
export class Numberings {
  #kept = new Map<string, Numbering>();

  on(screen: string): Numbering {
    return this.#kept.get(screen) ?? new Numbering();
  }

  /** The operator is asked for a number now. Screens that are not in `open` are forgotten. */
  keep(screen: string, open: readonly string[]): Numbering {
    const numbering = this.on(screen);
    this.#kept = new Map([...this.#kept].filter(([name]) => open.includes(name)));
    this.#kept.set(screen, numbering);
    return numbering;
  }
}
