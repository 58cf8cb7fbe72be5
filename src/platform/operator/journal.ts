import { asOutriderError } from "../../base/messages/error.ts";
import type { PlatformContext } from "../services/context.ts";
import type { PageOf } from "../store/page.ts";
import type { DeedView } from "./schemas.ts";

/** The operator who asks for something, as far as one token for all operators can identify them. */
export interface Actor {
  /** A browser's session, or the API. */
  by: string;
  from: string;
}

export interface Deed {
  what: DeedView["what"];
  subject: string;
}

/**
 * The journal of what operators did. An entry is on the disk before its act begins, so that no act
 * is missing from it.
 */
export class Journal {
  readonly #context: Pick<PlatformContext, "store" | "clock" | "log">;

  constructor(context: Pick<PlatformContext, "store" | "clock" | "log">) {
    this.#context = context;
  }

  /** Does `work` and records it; `describe` gives the entry's detail from the result. */
  async note<T>(
    { what, subject }: Deed,
    { by, from }: Actor,
    work: () => Promise<T>,
    describe: (result: T) => string = () => "",
  ): Promise<T> {
    const { store, clock, log } = this.#context;
    const number = await store.journal.begin({ what, subject, by, from }, clock.nowMs());
    try {
      const result = await work();
      await store.journal.end(number, "done", describe(result));
      log.info("operator act done", { what, subject, by, from, detail: describe(result) });
      return result;
    } catch (thrown) {
      const { code, detail } = asOutriderError(thrown);
      await store.journal.end(number, code, detail ?? "");
      log.warning("operator act failed", { what, subject, by, from, code });
      throw thrown;
    }
  }

  /** Newest first. */
  async list(page?: PageOf): Promise<DeedView[]> {
    return (await this.#context.store.journal.list(page)).map((deed) => ({
      ...deed,
      what: deeds.find((what) => what === deed.what) ?? "unknown",
    }));
  }

  count(): Promise<number> {
    return this.#context.store.journal.count();
  }
}

const deeds: readonly DeedView["what"][] = [
  "content-published",
  "content-withdrawn",
  "content-key-replaced",
  "platform-key-rolled",
  "platform-key-replaced",
];
