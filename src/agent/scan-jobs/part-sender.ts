import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { release } from "../../base/release.ts";
import { longestPartBytes } from "../../protocol/schemas/results.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { PartContent, WaitingPart } from "../spool/part-store.ts";
import type { Confirmations } from "./confirmations.ts";
import { PathLimit, pathLimitCode } from "./path-limit.ts";
import type { ResultsService } from "./results-service.ts";

export interface PartSenderParts {
  results: Pick<ResultsService, "sendPart" | "listParts">;
  confirmations: Confirmations;
  clock: Clock;
  log: Log;
  /** The number of waiting parts changed. */
  changed(): void;
}

/** A part that the platform has answered for. */
interface Sent {
  /** Resolves when it has left the spool, durably. */
  left: Promise<void>;
}

/**
 * The number of parts sent at the same time, as long as the last one was confirmed within `quickMs`
 * milliseconds: on a slow line they would only delay each other.
 */
const atOnce = 4;
const quickMs = 1500;

/**
 * Answers that a part is too large, the platform's or that of a device on the way. The platform
 * says it of requests that it has not verified, since it does not read what is too large.
 */
const saysTooLarge: ReadonlySet<string> = new Set(["too-large", pathLimitCode]);

/** Sends the parts of results, and cuts those into halves that are too large for the path. */
export class PartSender {
  readonly #parts: PartSenderParts;
  readonly #confirmations: Confirmations;
  readonly #limit: PathLimit;
  /** Lengths of parts during which the connection was cut. */
  readonly #cut = new Set<number>();
  /** The last part was confirmed quickly. */
  #quick = false;

  constructor(parts: PartSenderParts) {
    this.#parts = parts;
    this.#confirmations = parts.confirmations;
    this.#limit = new PathLimit(parts.clock);
  }

  /**
   * Sends a job's waiting parts; each leaves the spool against its receipt. Throws the first
   * failure, and OutriderError "path-upload-limit" only when all other parts were sent.
   */
  async sendWaiting(folder: JobFolder, signal: AbortSignal): Promise<void> {
    let tooLarge: unknown = null;
    let failure: unknown = null;
    const waiting = folder.parts.waiting();
    const failed = (error: unknown) => {
      if (asOutriderError(error).code === pathLimitCode) tooLarge ??= error;
      else failure ??= error;
    };
    /**
     * While one part is taken out of the spool durably, the next one is sent. Only one, so that a
     * slow disk slows the upload too.
     */
    const sendWhile = async (goesOn: () => boolean) => {
      let leaving: Promise<void> = Promise.resolve();
      while (goesOn()) {
        const part = waiting.shift();
        if (!part) break;
        const sent = await this.#sendPart(folder, part, signal).catch(failed);
        const left = sent?.left.catch(failed);
        await leaving;
        leaving = left ?? Promise.resolve();
      }
      await leaving;
    };
    // The first part alone: a failure that all would have shows itself once.
    let alone = 1;
    await sendWhile(() => alone-- > 0);
    await Promise.all(
      Array.from({ length: this.#quick ? atOnce : 1 }, (_, index) =>
        sendWhile(() => failure === null && (index === 0 || this.#quick)),
      ),
    );
    if (failure !== null) throw failure;
    if (tooLarge !== null) throw tooLarge;
  }

  async #sendPart(folder: JobFolder, part: WaitingPart, signal: AbortSignal): Promise<Sent> {
    const { results, log, changed, clock } = this.#parts;
    let left: Promise<void> = Promise.resolve();
    const read = await folder.parts.read(part);
    if (!read) {
      log.error("a stored part of a result is damaged", {
        code: "storage-damaged",
        job: folder.job.id,
        part: part.number,
      });
      await this.#confirmations.settle(folder, [part], signal);
    } else if (this.#limit.forbids(read.content.length) && isDivisible(read)) {
      await this.#sendHalves(folder, part, read, signal);
    } else {
      try {
        const startedMs = clock.monotonicMs();
        const receipt = await results.sendPart(folder, part.number, read, signal);
        if (
          receipt.sha256 !== read.sha256 ||
          receipt.number !== part.number ||
          receipt.jobId !== folder.job.id ||
          receipt.attempt !== folder.job.attempt
        )
          throw new OutriderError("service-unexpected", {
            detail: fact("receipt-other", { number: part.number }),
          });
        this.#quick = clock.monotonicMs() - startedMs < quickMs;
        this.#limit.passed(read.content.length);
        left = folder.parts
          .accept(part, { sha256: receipt.sha256, receivedAt: receipt.receivedAt })
          .then(() => {
            release(read.content);
            changed();
          });
      } catch (error) {
        await this.#afterRefusal(folder, part, read, asOutriderError(error), signal);
      }
    }
    changed();
    return { left };
  }

  async #afterRefusal(
    folder: JobFolder,
    part: WaitingPart,
    read: PartContent,
    failure: OutriderError,
    signal: AbortSignal,
  ): Promise<void> {
    const conflict = answeredWith(failure, "part-conflict") !== null;
    if (conflict && part.slice !== null) {
      // The platform took the part that this slice was cut from, and that answer was lost. The
      // number belongs to the part there; a host that comes twice counts once.
      const again = await folder.parts.renumber(part);
      await this.#confirmations.settle(folder, [part], signal);
      await (await this.#sendPart(folder, again, signal)).left;
      return;
    }
    if (conflict) {
      // The platform has another content for this number. Only an appliance that was set back to
      // an older state, as by a snapshot, can have sent it.
      this.#parts.log.error("the platform has another content for a part", {
        job: folder.job.id,
        part: part.number,
      });
      await folder.parts.lose(part);
      return;
    }
    const { code } = failure;
    const isAboveFloor = this.#limit.isAboveFloor(read.content.length);
    const wasCut = code === "connect-reset" && isAboveFloor;
    if (!saysTooLarge.has(code) && !wasCut) throw failure;
    // A proxy may have refused the part after it had passed it on.
    const there = (await this.#parts.results.listParts(folder, part.number, signal)).parts.find(
      ({ number }) => number === part.number,
    );
    if (there?.sha256 === read.sha256) return await folder.parts.accept(part, there);
    if (wasCut && !this.#cut.has(read.content.length)) {
      this.#cut.add(read.content.length);
      throw failure;
    }
    // A proxy that refuses a large upload may close the connection before its answer can be read:
    // small requests pass, and this one is cut each time.
    this.#cut.delete(read.content.length);
    this.#limit.refused(read.content.length);
    if (isAboveFloor && isDivisible(read))
      return await this.#sendHalves(folder, part, read, signal);
    // The appliance knows the platform's limit, and believes nobody who says that less is too large.
    if (read.content.length <= longestPartBytes)
      throw new OutriderError(pathLimitCode, { detail: this.#limit.describe(read.content.length) });
    this.#parts.log.error("a part of one port is larger than the platform takes", {
      job: folder.job.id,
      part: part.number,
      bytes: read.content.length,
    });
    await folder.parts.lose(part);
  }

  async #sendHalves(
    folder: JobFolder,
    part: WaitingPart,
    read: PartContent,
    signal: AbortSignal,
  ): Promise<void> {
    this.#parts.log.info("a part does not get through, it is sent in halves", {
      job: folder.job.id,
      part: part.number,
      bytes: read.content.length,
    });
    for (const half of await folder.parts.halve(part, read.size()))
      await (await this.#sendPart(folder, half, signal)).left;
  }
}

function isDivisible(read: PartContent): boolean {
  const { hosts, ports } = read.size();
  return hosts > 1 || ports > 1;
}
