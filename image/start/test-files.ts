import { basename, dirname, sep } from "node:path";

/**
 * Tracks which of the planned test files have given a result. ava's TAP reporter names the file
 * only in the titles: `console › app › the title` for `test/console/app.test.ts`.
 */
export class TestFiles {
  readonly #waiting: Map<string, string>;
  /** ava leaves the prefix out where there is one file alone. */
  readonly #single: boolean;

  constructor(files: readonly string[]) {
    this.#single = files.length === 1;
    const shared = sharedFolder(files);
    this.#waiting = new Map(files.map((file) => [file, titlePrefix(file.slice(shared.length))]));
  }

  /** A result with this title was seen. */
  seen(title: string): void {
    for (const [file, prefix] of this.#waiting) {
      // A file that could not be loaded is named as a whole: "test/a.test.ts exited with ...".
      if (this.#single || title.startsWith(`${prefix} › `) || title.includes(file)) {
        this.#waiting.delete(file);
        return;
      }
    }
  }

  /** The files without any result, in the order in which they were planned. */
  get withoutResult(): string[] {
    return [...this.#waiting.keys()];
  }
}

/** The folder that holds all files, with a separator at its end; empty when there is none. */
function sharedFolder(files: readonly string[]): string {
  let folder = `${dirname(files[0] ?? "")}${sep}`;
  while (folder !== "" && files.some((file) => !file.startsWith(folder))) {
    const parent = dirname(folder);
    folder = parent === "." ? "" : `${parent}${sep}`;
  }
  return folder;
}

/** As in ava/lib/reporters/prefix-title.js. */
function titlePrefix(file: string): string {
  const name = basename(file).replace(".test.", ".").replace("test-", "").replace(/\.ts$/, "");
  const folder = dirname(file);
  return [...(folder === "." ? [] : folder.split(sep)), name].join(" › ");
}
