import { createHash } from "node:crypto";
import type { ResultsService } from "../../../src/agent/scan-jobs/results-service.ts";
import { PlatformAnswer } from "../../../src/agent/session/reply-errors.ts";
import type { JobFolder } from "../../../src/agent/spool/job-folder.ts";
import {
  type Completion,
  type HostObservation,
  partsInReply,
} from "../../../src/protocol/schemas/results.ts";
import { validators } from "../../../src/protocol/validators.ts";

const sha256 = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex");

/** A platform's results service in memory, as strict as the real one. */
export class ResultsInMemory implements ResultsService {
  readonly parts = new Map<number, { sha256: string; hosts: HostObservation[]; bytes: number }>();
  completion: Completion | null = null;
  /** Handles a part instead of storing it. */
  fault: ((number: number, content: Uint8Array) => Error | null) | null = null;
  requests = 0;

  sendPart: ResultsService["sendPart"] = async ({ job }, number, { content }) => {
    this.requests++;
    const fault = this.fault?.(number, content);
    if (fault) throw fault;
    const part = validators.ResultPart(JSON.parse(Buffer.from(content).toString("utf8")));
    const digest = sha256(content);
    const known = this.parts.get(number);
    if (!part.valid || part.value.number !== number || (known && known.sha256 !== digest))
      throw new PlatformAnswer("part-conflict");
    this.parts.set(number, { sha256: digest, hosts: part.value.hosts, bytes: content.length });
    return { jobId: job.id, attempt: job.attempt, number, sha256: digest, receivedAt: 1 };
  };

  listParts: ResultsService["listParts"] = async ({ job }, from) => {
    this.requests++;
    const numbers = [...this.parts.keys()].filter((number) => number >= from).sort((a, b) => a - b);
    const receipt = (number: number) => ({
      jobId: job.id,
      attempt: job.attempt,
      number,
      sha256: this.parts.get(number)?.sha256 ?? "",
      receivedAt: 1,
    });
    return {
      parts: numbers.slice(0, partsInReply).map(receipt),
      more: numbers.length > partsInReply,
      complete: false,
    };
  };

  sendCompletion: ResultsService["sendCompletion"] = async ({ job }: JobFolder, completion) => {
    this.requests++;
    const lost = new Set(completion.lost);
    const expected = Array.from({ length: completion.partCount }, (_, number) => number).filter(
      (number) => !lost.has(number),
    );
    if (expected.some((number) => !this.parts.has(number)))
      throw new PlatformAnswer("parts-missing");
    if (
      sha256(expected.map((number) => this.parts.get(number)?.sha256).join("")) !==
      completion.partsSha256
    )
      throw new PlatformAnswer("part-conflict");
    this.completion = completion;
    return { jobId: job.id, attempt: job.attempt, receivedAt: 1 };
  };

  /** Every address, as often as parts contained it. */
  get addresses(): string[] {
    return [...this.parts.values()]
      .flatMap(({ hosts }) => hosts.map(({ address }) => address))
      .sort();
  }
}
