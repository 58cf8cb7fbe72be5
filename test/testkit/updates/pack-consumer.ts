import { copyFile, mkdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { syncFolder } from "../../../src/base/durable-file.ts";
import { OutriderError } from "../../../src/base/messages/error.ts";
import { fact } from "../../../src/base/messages/facts.ts";
import type { ContentSet, FetchedSet, UpdateConsumer } from "../../../src/updates/consumer.ts";

/** A moment in a step, as "install begins" and "install ends". */
export type Moment = `${"verify" | "install" | "activate" | "rollback"} ${"begins" | "ends"}`;

/**
 * A consumer as one of signature packs could be, for tests: `staged/ID/` holds copies, the link
 * `current` names the set in use and `previous` the one before. A file with the text "bad" does not
 * verify; one with the text "broken" is found out only after it was switched to.
 */
export class PackConsumer implements UpdateConsumer {
  readonly kind = "signatures";
  readonly #folder: string;
  readonly #reached: (moment: Moment) => void;

  constructor(folder: string, reached: (moment: Moment) => void = () => undefined) {
    this.#folder = folder;
    this.#reached = reached;
  }

  async verify(set: FetchedSet): Promise<void> {
    this.#reached("verify begins");
    if ((await this.#texts(set, set.pathOf)).includes("bad"))
      throw new OutriderError("update-altered", { detail: fact("role-no-json", { role: "core" }) });
    this.#reached("verify ends");
  }

  async install(set: FetchedSet): Promise<void> {
    const staged = this.#staged(set);
    await rm(staged, { recursive: true, force: true });
    await mkdir(staged, { recursive: true });
    this.#reached("install begins");
    for (const file of set.files) await copyFile(set.pathOf(file), join(staged, file.name));
    await syncFolder(staged);
    this.#reached("install ends");
  }

  async activate(set: ContentSet): Promise<void> {
    this.#reached("activate begins");
    const { active } = await this.state();
    if (active !== null && active !== set.id) await this.#link("previous", active);
    await this.#link("current", set.id);
    const texts = await this.#texts(set, ({ name }) => join(this.#staged(set), name));
    if (texts.includes("broken"))
      throw new OutriderError("system-failed", { detail: fact("role-no-json", { role: "core" }) });
    this.#reached("activate ends");
  }

  async rollback(set: ContentSet): Promise<void> {
    this.#reached("rollback begins");
    const { active } = await this.state();
    if (active === set.id) {
      const previous = await this.#target("previous");
      if (previous === null) await rm(join(this.#folder, "current"), { force: true });
      else await this.#link("current", previous);
    }
    await rm(this.#staged(set), { recursive: true, force: true });
    this.#reached("rollback ends");
  }

  async state(): Promise<{ active: string | null }> {
    return { active: await this.#target("current") };
  }

  /** The text that users of the packs would read. */
  async inUse(): Promise<string | null> {
    return readFile(join(this.#folder, "current/core"), "utf8").catch(() => null);
  }

  async #link(name: string, id: string): Promise<void> {
    const unfinished = join(this.#folder, `${name}.new`);
    await rm(unfinished, { force: true });
    await symlink(join("staged", id), unfinished);
    await rename(unfinished, join(this.#folder, name));
    await syncFolder(this.#folder);
  }

  async #target(name: string): Promise<string | null> {
    return readlink(join(this.#folder, name)).then(basename, () => null);
  }

  #staged({ id }: ContentSet): string {
    return join(this.#folder, "staged", id);
  }

  #texts(set: ContentSet, pathOf: FetchedSet["pathOf"]): Promise<string[]> {
    return Promise.all(set.files.map((file) => readFile(pathOf(file), "utf8")));
  }
}
