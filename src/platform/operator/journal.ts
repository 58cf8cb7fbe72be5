import { asOutriderError } from "../../base/messages/error.ts";
import type { PlatformContext } from "../services/context.ts";
import type { PageOf } from "../store/page.ts";
import type { DeedView } from "./schemas.ts";

/** Who asks for something: as far as one token for all operators lets that be known. */
export interface Actor {
  /** The session of a browser, or the API. */
  by: string;
  from: string;
}

export interface Deed {
  what: DeedView["what"];
  subject: string;
}

/**
 * What operators did. An entry is on the disk before it is begun: nothing happens that it does not
 * tell of.
 */
export class Journal {
  readonly #context: Pick<PlatformContext, "store" | "clock" | "log">;

  constructor(context: Pick<PlatformContext, "store" | "clock" | "log">) {
    this.#context = context;
  }

  /** @param tell what came of it, in words */
  async note<T>(
    { what, subject }: Deed,
    { by, from }: Actor,
    work: () => Promise<T>,
    tell: (result: T) => string = () => "",
  ): Promise<T> {
    const { store, clock, log } = this.#context;
    const number = await store.journal.begin({ what, subject, by, from }, clock.nowMs());
    try {
      const result = await work();
      await store.journal.end(number, "done", tell(result));
      log.info("the operator did something", { what, subject, by, from, detail: tell(result) });
      return result;
    } catch (thrown) {
      const { code, detail } = asOutriderError(thrown);
      await store.journal.end(number, code, detail ?? "");
      log.warning("the operator could not do something", { what, subject, by, from, code });
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
];
