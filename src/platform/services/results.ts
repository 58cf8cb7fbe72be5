import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import {
  type CompletionReceipt,
  longestPartBytes,
  mostParts,
  type PartReceipt,
  type PartsReply,
} from "../../protocol/schemas/results.ts";
import { validators } from "../../protocol/validators.ts";
import { addCommandResults } from "./command-results.ts";
import type { PlatformContext } from "./context.ts";
import { addSignedService, callerAppliance, readContent, wholeNumber } from "./signed-service.ts";

interface AttemptPath {
  id: string;
  attempt: string;
}

const attemptUrl = "/jobs/:id/attempts/:attempt";

/** The results service: results of scans and of commands. */
export function addResultsService(app: FastifyInstance, context: PlatformContext): void {
  const { store, leases, clock, changes } = context;
  const attemptOf = ({ id, attempt }: AttemptPath) => ({
    jobId: id,
    attempt: wholeNumber(attempt, "attempt", 1_000_000),
  });

  addSignedService(app, "results", context, (scope) => {
    addCommandResults(scope, context);
    scope.put<{ Params: AttemptPath & { number: string } }>(
      `${attemptUrl}/parts/:number`,
      { bodyLimit: longestPartBytes },
      async (request): Promise<PartReceipt> => {
        const applianceId = callerAppliance(request);
        const { jobId, attempt } = attemptOf(request.params);
        const number = wholeNumber(request.params.number, "part", mostParts - 1);
        const part = readContent(request, validators.ResultPart);
        if (part.jobId !== jobId || part.attempt !== attempt || part.number !== number) {
          throw new OutriderError("request-invalid", {
            detail: fact("part-of-another"),
          });
        }
        const sha256 = createHash("sha256")
          .update(request.body instanceof Uint8Array ? request.body : "")
          .digest("hex");
        const result = await store.results.addPart(
          applianceId,
          { jobId, attempt, number, sha256, hosts: part.hosts },
          clock.nowMs(),
          leases.current,
        );
        if (result.kind !== "stored")
          throw new OutriderError(result.kind === "conflict" ? "part-conflict" : "not-found");
        changes.publish(null);
        return { jobId, attempt, number, sha256, receivedAt: result.receivedAt };
      },
    );

    scope.get<{ Params: AttemptPath; Querystring: { from?: string } }>(
      `${attemptUrl}/parts`,
      async (request): Promise<PartsReply> => {
        const { jobId, attempt } = attemptOf(request.params);
        const from = wholeNumber(request.query.from ?? "0", "from", mostParts);
        const found = await store.results.parts(callerAppliance(request), jobId, attempt, from);
        if (!found) throw new OutriderError("not-found");
        return {
          parts: found.parts.map((part) => ({ jobId, attempt, ...part })),
          more: found.more,
          complete: found.complete,
        };
      },
    );

    scope.post<{ Params: AttemptPath }>(
      `${attemptUrl}/completion`,
      { bodyLimit: longestPartBytes },
      async (request): Promise<CompletionReceipt> => {
        const applianceId = callerAppliance(request);
        const { jobId, attempt } = attemptOf(request.params);
        const completion = readContent(request, validators.Completion);
        const result = await store.results.complete(
          applianceId,
          jobId,
          attempt,
          completion,
          clock.nowMs(),
        );
        if (result.kind === "parts-missing")
          throw new OutriderError("parts-missing", {
            detail: result.numbers.slice(0, 100).join(", "),
          });
        if (result.kind === "not-found") throw new OutriderError("not-found");
        if (result.kind === "conflict")
          throw new OutriderError("part-conflict", {
            detail: fact("parts-of-others"),
          });
        changes.publish(applianceId);
        return { jobId, attempt, receivedAt: result.receivedAt };
      },
    );
  });
}
