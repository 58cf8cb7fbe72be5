import type { PartReceipt } from "../../protocol/schemas/results.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { WaitingPart } from "../spool/part-store.ts";
import type { ResultsService } from "./results-service.ts";

export interface ConfirmationsParts {
  results: Pick<ResultsService, "listParts">;
  /** The number of waiting parts changed. */
  changed(): void;
}

/** Brings a job's parts in line with the receipts that the platform lists. */
export class Confirmations {
  readonly #parts: ConfirmationsParts;

  constructor(parts: ConfirmationsParts) {
    this.#parts = parts;
  }

  /**
   * Asks the platform about parts whose receipt did not arrive, or whose file is damaged. It
   * confirms those that it has; the others are lost.
   */
  async settle(
    folder: JobFolder,
    parts: readonly Pick<WaitingPart, "number" | "shard" | "piece">[],
    signal: AbortSignal,
  ): Promise<void> {
    const there = await this.#receipts(
      folder,
      Math.min(...parts.map(({ number }) => number)),
      signal,
    );
    for (const part of parts) {
      const receipt = there.get(part.number);
      if (receipt) await folder.parts.accept(part, receipt);
      else await folder.parts.lose(part);
    }
    this.#parts.changed();
  }

  /**
   * Marks parts as lost that the platform confirmed and does not have any more, as after a restored
   * backup: the next round reports them.
   */
  async loseUnknown(folder: JobFolder, signal: AbortSignal): Promise<void> {
    const there = await this.#receipts(folder, 0, signal);
    for (const number of folder.parts.receivedNumbers())
      if (there.get(number)?.sha256 !== folder.parts.receipt(number)?.sha256)
        await folder.parts.loseReceived(number);
  }

  async #receipts(
    folder: JobFolder,
    from: number,
    signal: AbortSignal,
  ): Promise<Map<number, PartReceipt>> {
    const receipts = new Map<number, PartReceipt>();
    for (let next = from; ; ) {
      const { parts, more } = await this.#parts.results.listParts(folder, next, signal);
      for (const receipt of parts) receipts.set(receipt.number, receipt);
      const last = parts.at(-1)?.number;
      if (!more || last === undefined || last < next) return receipts;
      next = last + 1;
    }
  }
}
