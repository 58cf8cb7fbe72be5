import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { release } from "../../base/release.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type {
  Completion,
  CompletionReceipt,
  PartReceipt,
  PartsReply,
} from "../../protocol/schemas/results.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import type { HashedContent } from "../services/results.ts";
import type { JobFolder } from "../spool/job-folder.ts";
import type { PartContent, WaitingPart } from "../spool/part-store.ts";
import type { Spool } from "../spool/spool.ts";
import { PathLimit } from "./path-limit.ts";
import { wholeCompletion } from "./whole-completion.ts";

/** The results service as the uploader needs it. */
export interface ResultsService {
  sendPart(
    folder: JobFolder,
    number: number,
    content: HashedContent,
    signal: AbortSignal,
  ): Promise<PartReceipt>;
  /** Receipts from a number on. */
  listParts(folder: JobFolder, from: number, signal: AbortSignal): Promise<PartsReply>;
  sendCompletion(
    folder: JobFolder,
    completion: Completion,
    signal: AbortSignal,
  ): Promise<CompletionReceipt>;
}

export interface UploaderParts {
  spool: Spool;
  results: ResultsService;
  clock: Clock;
  random: Random;
  log: Log;
  /** The platform has all of the job. */
  finished(folder: JobFolder): Promise<void>;
  /** The platform does not know the job or the attempt any more. */
  unknown(folder: JobFolder): Promise<void>;
  /** The number of waiting parts, or the last scan, changed. */
  changed(): void;
}

/** A part that the platform has answered for. */
interface Sent {
  /** Kept when it has left the spool, durably. */
  left: Promise<void>;
}

/**
 * The platform took the request and did not like this job's content: that says nothing about the
 * way or about other jobs.
 */
const ownFailures = new Set<string>([
  "request-invalid",
  "service-refused",
  "service-unexpected",
  "too-large",
  "not-allowed",
  "parts-missing",
  "part-conflict",
]);
/**
 * So many parts are under way at once, while one is taken so soon: on a slow line they would only
 * keep each other waiting.
 */
const atOnce = 4;
const soonMs = 1500;
/** Says something about the way, but only for parts of that size. */
const pathLimitCode = "path-upload-limit";

/** Sends results out of the spool, part by part; a part leaves it only against its receipt. */
export class Uploader {
  readonly #parts: UploaderParts;
  readonly #work = new WakeUp();
  readonly #limit: PathLimit;
  #failures = 0;
  /** Lengths of parts in whose middle the connection was cut. */
  readonly #cut = new Set<number>();
  /** The last part was taken soon. */
  #quick = false;

  constructor(parts: UploaderParts) {
    this.#parts = parts;
    this.#limit = new PathLimit(parts.clock);
  }

  /** There is something new in the spool, or the platform was just reached. */
  wake(): void {
    this.#work.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#parts;
    while (!signal.aborted) {
      this.#work.clear();
      let waitMs = 3_600_000;
      try {
        await this.sendAll(signal);
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const { code, message, retryAfterMs } = asOutriderError(error);
        this.#failures++;
        waitMs = waitAfterFailureMs(
          { failures: this.#failures, retryAfterMs, refusals: 0 },
          random.fraction(),
        );
        log.warning("results could not be sent yet", { code, message, waitMs });
        // What the platform asked to wait for, it gets; news of the spool do not shorten a wait
        // after a failure.
        await clock.sleep(waitMs, signal).catch(() => undefined);
        continue;
      }
      await this.#work.wait(clock, waitMs, signal).catch(() => undefined);
    }
  }

  /**
   * One round over all jobs. Rejects with the first failure; one that is a job's own does not keep
   * the others waiting.
   */
  async sendAll(signal: AbortSignal): Promise<void> {
    let failure: unknown = null;
    for (const folder of this.#parts.spool.jobs()) {
      try {
        await this.#sendJob(folder, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const { code } = asOutriderError(error);
        if (code === "not-found" || code === "attempt-outdated") await this.#parts.unknown(folder);
        else if (ownFailures.has(code) || code === pathLimitCode) failure ??= error;
        else throw error;
      }
    }
    if (failure !== null) throw failure;
  }

  async #sendJob(folder: JobFolder, signal: AbortSignal): Promise<void> {
    const { parts } = folder;
    await this.#sendWaiting(folder, signal);
    const completion = await folder.completion();
    const vanished = parts.vanished();
    if (vanished.length > 0) await this.#settle(folder, vanished, signal);
    // A shard may have ended between the two: what came meanwhile is sent in the next round, before
    // the completion.
    if (!completion || parts.waitingCount > 0) return;
    const whole = await wholeCompletion(folder, completion);
    try {
      await this.#parts.results.sendCompletion(folder, whole, signal);
    } catch (error) {
      const { code } = asOutriderError(error);
      if (code === "parts-missing" || code === "part-conflict")
        await this.#loseUnknown(folder, signal);
      throw error;
    }
    this.#parts.log.info("result is at the platform", {
      job: folder.job.id,
      parts: whole.partCount,
      lost: whole.lost.length,
    });
    const { endedAt, hostsUp, openPorts, state } = whole;
    // Only shown: a full disk does not hold the job back.
    await this.#parts.spool
      .writeLastScan({
        name: folder.job.scan.name,
        endedAt,
        state,
        hostsUp,
        openPorts,
        uploaded: true,
      })
      .catch(() => undefined);
    await this.#parts.finished(folder);
    this.#parts.changed();
  }

  /** Parts that are too large for the path do not keep the others waiting. */
  async #sendWaiting(folder: JobFolder, signal: AbortSignal): Promise<void> {
    let tooLarge: unknown = null;
    let failure: unknown = null;
    const waiting = folder.parts.waiting();
    const failed = (error: unknown) => {
      if (asOutriderError(error).code === pathLimitCode) tooLarge ??= error;
      else failure ??= error;
    };
    /**
     * While one part is made to leave durably, the next is sent already; no more than that, so that
     * a slow disk holds up the line.
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
    // One by itself: what it runs into, the others need not find out too.
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
      await this.#settle(folder, [part], signal);
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
        this.#quick = clock.monotonicMs() - startedMs < soonMs;
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
    const { code } = failure;
    if (code === "part-conflict" && part.slice !== null) {
      // The platform took what this was cut from, and that answer was lost. The number stays with
      // what is there; a host that comes twice counts once.
      const again = await folder.parts.renumber(part);
      await this.#settle(folder, [part], signal);
      await (await this.#sendPart(folder, again, signal)).left;
      return;
    }
    if (code === "part-conflict") {
      // The platform has another content for this number, which only a box that was set back in
      // time can have sent.
      this.#parts.log.error("the platform has another content for a part", {
        job: folder.job.id,
        part: part.number,
      });
      await folder.parts.lose(part);
      return;
    }
    const wasCut = code === "connect-reset" && this.#limit.isAboveFloor(read.content.length);
    if (code !== "too-large" && code !== pathLimitCode && !wasCut) throw failure;
    // What stands between may have said no after it had passed the part on.
    const there = (await this.#parts.results.listParts(folder, part.number, signal)).parts.find(
      ({ number }) => number === part.number,
    );
    if (there?.sha256 === read.sha256) return await folder.parts.accept(part, there);
    if (wasCut && !this.#cut.has(read.content.length)) {
      this.#cut.add(read.content.length);
      throw failure;
    }
    // A proxy that refuses a large upload may hang up before its answer can be read: small requests
    // pass, and this one is cut each time.
    this.#cut.delete(read.content.length);
    this.#limit.refused(read.content.length);
    if (this.#limit.isAboveFloor(read.content.length) && isDivisible(read))
      return await this.#sendHalves(folder, part, read, signal);
    if (code === pathLimitCode || wasCut)
      throw new OutriderError(pathLimitCode, { detail: this.#limit.describe(read.content.length) });
    this.#parts.log.error("the platform takes no part of this size", {
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
    for (const half of await folder.parts.halve(part, read.size()))
      await (await this.#sendPart(folder, half, signal)).left;
  }

  /**
   * The platform may have a part whose receipt did not arrive or whose file is damaged. What it has
   * not is lost.
   */
  async #settle(
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
   * The platform gave receipts for parts that it has no more, as after a restored backup: the next
   * round says that they are lost.
   */
  async #loseUnknown(folder: JobFolder, signal: AbortSignal): Promise<void> {
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

function isDivisible(read: PartContent): boolean {
  const { hosts, ports } = read.size();
  return hosts > 1 || ports > 1;
}
