import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { asOutriderError, OutriderError } from "../../protocol/error.ts";
import type { Completion, CompletionReceipt, PartReceipt, PartsReply } from "../../protocol/schemas/results.ts";
import { waitAfterFailureMs } from "../schedule.ts";
import type { JobFolder, WaitingPart } from "../spool/job-folder.ts";
import type { Spool } from "../spool/spool.ts";
import { Signal } from "../wake.ts";

/** The results service as the uploader needs it. */
export interface ResultsService {
  sendPart(folder: JobFolder, number: number, content: Uint8Array, signal: AbortSignal): Promise<PartReceipt>;
  listParts(folder: JobFolder, signal: AbortSignal): Promise<PartsReply>;
  sendCompletion(folder: JobFolder, completion: Completion, signal: AbortSignal): Promise<CompletionReceipt>;
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

/** The platform took the request and did not like this job's content: that says nothing about the way or about other jobs. */
const ownFailures = new Set<string>(["request-invalid", "service-refused", "service-unexpected", "too-large", "not-allowed", "parts-missing"]);

/** Sends results out of the spool, part by part; a part leaves it only against its receipt. */
export class Uploader {
  readonly #parts: UploaderParts;
  readonly #work = new Signal();
  #failures = 0;

  constructor(parts: UploaderParts) {
    this.#parts = parts;
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
        waitMs = waitAfterFailureMs({ failures: this.#failures, retryAfterMs, refusals: 0 }, random.fraction());
        log.warning("results could not be sent yet", { code, message, waitMs });
        // What the platform asked to wait for, it gets; news of the spool do not shorten a wait after a failure.
        await clock.sleep(waitMs, signal).catch(() => undefined);
        continue;
      }
      await this.#work.wait(clock, waitMs, signal).catch(() => undefined);
    }
  }

  /** One round over all jobs. Rejects with the first failure; one that is a job's own does not keep the others waiting. */
  async sendAll(signal: AbortSignal): Promise<void> {
    let failure: unknown = null;
    for (const folder of this.#parts.spool.jobs()) {
      try {
        await this.#sendJob(folder, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const { code } = asOutriderError(error);
        if (code === "not-found" || code === "attempt-outdated") await this.#parts.unknown(folder);
        else if (ownFailures.has(code)) failure ??= error;
        else throw error;
      }
    }
    if (failure !== null) throw failure;
  }

  async #sendJob(folder: JobFolder, signal: AbortSignal): Promise<void> {
    for (const part of await folder.waitingParts()) await this.#sendPart(folder, part, signal);
    const lost = await folder.lostNumbers();
    if (lost.length > 0) {
      await this.#askForReceipts(folder, lost, signal);
      for (const part of await folder.waitingParts()) await this.#sendPart(folder, part, signal);
    }
    const completion = await folder.completion();
    // A shard may have ended between the two: what came meanwhile is sent in the next round, before the completion.
    if (!completion || (await folder.waitingParts()).length > 0) return;
    const receipts = await folder.receipts();
    const damaged = await folder.damagedParts();
    const parts = Array.from({ length: receipts.size }, (_, number) => receipts.get(number)?.sha256 ?? "");
    const problems = damaged.map((number) => ({ code: "storage-damaged", detail: `part ${number} of the result` }));
    const state = damaged.length > 0 && completion.state === "completed" ? "incomplete" : completion.state;
    const whole: Completion = { ...completion, state, parts, problems: [...completion.problems, ...problems].slice(0, 1000) };
    try {
      await this.#parts.results.sendCompletion(folder, whole, signal);
    } catch (error) {
      if (asOutriderError(error).code === "parts-missing") await this.#replaceLost(folder, signal);
      throw error;
    }
    this.#parts.log.info("result is at the platform", { job: folder.job.id, parts: parts.length });
    const { endedAt, hostsUp, openPorts } = completion;
    await this.#parts.spool.writeLastScan({ name: folder.job.scan.name, endedAt, state, hostsUp, openPorts, uploaded: true });
    await this.#parts.finished(folder);
    this.#parts.changed();
  }

  /** The platform gave receipts for parts that it has no more, as after a restored backup: the next round sends that they are lost. */
  async #replaceLost(folder: JobFolder, signal: AbortSignal): Promise<void> {
    const there = new Set((await this.#parts.results.listParts(folder, signal)).parts.map(({ number }) => number));
    for (const part of await folder.receivedParts()) if (!there.has(part.number)) await folder.takeBackReceipt(part);
  }

  async #sendPart(folder: JobFolder, part: WaitingPart, signal: AbortSignal): Promise<void> {
    const content = await folder.readPart(part);
    if (!content) {
      this.#parts.log.error("a stored part of a result is damaged", { code: "storage-damaged", job: folder.job.id, part: part.number });
      await this.#askForReceipts(folder, [part], signal);
      const replacement = (await folder.waitingParts()).find(({ number }) => number === part.number);
      if (replacement && replacement.sha256 !== part.sha256) await this.#sendPart(folder, replacement, signal);
      return;
    }
    try {
      const receipt = await this.#parts.results.sendPart(folder, part.number, content, signal);
      if (receipt.sha256 !== part.sha256 || receipt.number !== part.number || receipt.jobId !== folder.job.id || receipt.attempt !== folder.job.attempt)
        throw new OutriderError("service-unexpected", { detail: `the receipt is not for part ${part.number}` });
      await folder.acceptReceipt(part, { number: part.number, sha256: receipt.sha256, receivedAt: receipt.receivedAt });
    } catch (error) {
      if (asOutriderError(error).code !== "part-conflict") throw error;
      // The platform has another content for this number, which only a box that was set back in time can have sent.
      await folder.noteDamage(part.number);
      await this.#askForReceipts(folder, [part], signal);
    }
    this.#parts.changed();
  }

  /** The platform may have a part whose receipt did not arrive or whose file is damaged. What it has not is replaced by nothing. */
  async #askForReceipts(folder: JobFolder, parts: readonly WaitingPart[], signal: AbortSignal): Promise<void> {
    const there = new Map((await this.#parts.results.listParts(folder, signal)).parts.map((receipt) => [receipt.number, receipt]));
    for (const part of parts) {
      const receipt = there.get(part.number);
      if (receipt) await folder.acceptReceipt(part, { number: part.number, sha256: receipt.sha256, receivedAt: receipt.receivedAt });
      else await folder.replaceDamagedPart(part);
    }
  }
}
