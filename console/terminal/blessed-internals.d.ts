import type { EventEmitter } from "node:events";

// What blessed 0.1.81 has but @types/blessed does not say: its cells and its cursor.
declare module "blessed" {
  namespace Widgets {
    interface IScreenOptions {
      term?: string | undefined;
    }
    interface Screen {
      /** Rows of cells, each its attributes and its character. */
      lines: ([attribute: number, character: string][] & { dirty: boolean })[];
    }
  }
  interface BlessedProgram extends EventEmitter {
    cursorHidden: boolean;
  }
}
