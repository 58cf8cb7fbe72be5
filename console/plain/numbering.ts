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

/** The numbers of each open screen. What is closed is forgotten. */
export class Numberings {
  #open = new Map<string, Numbering>();

  /** `screens` are the names of all open screens; `screen` is that of the visible page. */
  on(screen: string, screens: readonly string[]): Numbering {
    const open = new Map(
      [...this.#open].filter(([name]) => name === screen || screens.includes(name)),
    );
    const numbering = open.get(screen) ?? new Numbering();
    open.set(screen, numbering);
    this.#open = open;
    return numbering;
  }
}
