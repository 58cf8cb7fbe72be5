import type { EventEmitter } from "node:events";

// Properties of blessed 0.1.81 that @types/blessed lacks: its cells and its cursor.
declare module "blessed" {
  namespace Widgets {
    interface IScreenOptions {
      term?: string | undefined;
    }
    interface Screen {
      /** Rows of cells; a cell is its attributes and its character. */
      lines: ([attribute: number, character: string][] & { dirty: boolean })[];
    }
  }
  interface BlessedProgram extends EventEmitter {
    cursorHidden: boolean;
  }
}
