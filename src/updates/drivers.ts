import { join } from "node:path";
import type { ContentItem, ContentKind } from "../protocol/schemas/updates.ts";
import { type ContentFile, contentSet, type UpdateConsumer } from "./consumer.ts";
import { UpdateDriver, type UpdateDriverParts } from "./driver.ts";
import type { RecordedFailure } from "./schemas.ts";

export interface UpdateDriversParts
  extends Pick<UpdateDriverParts, "pathOf" | "clock" | "log" | "changed"> {
  consumers: readonly UpdateConsumer[];
  /** /data/outrider/content */
  folder: string;
}

/** A driver for each consumer; content of a kind without one is only kept. */
export class UpdateDrivers {
  readonly #drivers: ReadonlyMap<ContentKind, UpdateDriver>;

  constructor({ consumers, folder, ...parts }: UpdateDriversParts) {
    this.#drivers = new Map(
      consumers.map((consumer) => [
        consumer.kind,
        new UpdateDriver({ ...parts, consumer, folder: join(folder, "consumers") }),
      ]),
    );
  }

  /** The newest content of a kind, all of it fetched and verified. */
  offer(kind: ContentKind, files: readonly ContentFile[]): void {
    if (files.length > 0) this.#drivers.get(kind)?.offer(contentSet(kind, files));
  }

  /** An operator asks for updates: refused sets are tried again. */
  retry(): void {
    for (const driver of this.#drivers.values()) driver.retry();
  }

  /** Why the consumer refused the set that has this file; null when it did not. */
  refusalOf(item: Pick<ContentItem, "kind" | "name" | "version">): RecordedFailure | null {
    const refused = this.#drivers.get(item.kind)?.state.refused;
    const has = refused?.set.files.some(
      ({ name, version }) => name === item.name && version === item.version,
    );
    return refused && has ? refused.failure : null;
  }

  /** One loop a kind: an update that waits does not hold up those of other kinds. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#drivers.values()].map((driver) => driver.run(signal)));
  }
}
