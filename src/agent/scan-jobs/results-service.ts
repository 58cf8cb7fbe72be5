import type {
  Completion,
  CompletionReceipt,
  PartReceipt,
  PartsReply,
} from "../../protocol/schemas/results.ts";
import type { HashedContent } from "../services/results.ts";
import type { JobFolder } from "../spool/job-folder.ts";

/** The results service as the upload needs it. Each call throws OutriderError. */
export interface ResultsService {
  sendPart(
    folder: JobFolder,
    number: number,
    content: HashedContent,
    signal: AbortSignal,
  ): Promise<PartReceipt>;
  /** Receipts in order, from a number on. */
  listParts(folder: JobFolder, from: number, signal: AbortSignal): Promise<PartsReply>;
  sendCompletion(
    folder: JobFolder,
    completion: Completion,
    signal: AbortSignal,
  ): Promise<CompletionReceipt>;
}
