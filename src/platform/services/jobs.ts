import type { FastifyInstance } from "fastify";
import { OutriderError } from "../../base/messages/error.ts";
import type { Command } from "../../protocol/schemas/commands.ts";
import type { AcknowledgementReply, Job, JobsReply } from "../../protocol/schemas/jobs.ts";
import { validators } from "../../protocol/validators.ts";
import type { StoredCommand, StoredJob } from "../store/job-records.ts";
import type { PlatformContext } from "./context.ts";
import { HeldRequests } from "./held-requests.ts";
import type { Leases } from "./leases.ts";
import { addSignedService, callerAppliance, readContent, wholeNumber } from "./signed-service.ts";

/** Below the idle limit of common proxies. */
const longestWaitSeconds = 50;

interface JobsQuery {
  after?: string;
  wait?: string;
}

export function addJobsService(app: FastifyInstance, context: PlatformContext): void {
  const { store, leases, clock, changes } = context;
  const held = new HeldRequests(context);

  addSignedService(app, "jobs", context, (scope) => {
    scope.get<{ Querystring: JobsQuery }>("/jobs", async (request, reply): Promise<JobsReply> => {
      const applianceId = callerAppliance(request);
      const { after, wait } = request.query;
      const waitMs =
        1000 *
        Math.min(wait === undefined ? 0 : wholeNumber(wait, "wait", 86_400), longestWaitSeconds);
      const known =
        after === undefined ? null : wholeNumber(after, "after", Number.MAX_SAFE_INTEGER);
      const read = async () => ({
        ...(await store.jobs.giveOut(applianceId, clock.nowMs(), leases.current)),
        commands: await store.commands.giveOut(applianceId, clock.nowMs()),
      });
      const list = await held.untilChanged(
        applianceId,
        waitMs,
        reply.raw,
        read,
        ({ version }) => version !== known,
      );
      if (list.jobs.length + list.commands.length > 0) changes.publish(null);
      return {
        serverTime: clock.nowMs(),
        version: list.version,
        jobs: list.jobs.map((job) => asJob(job, leases)),
        stop: list.stop,
        commands: list.commands.map(asCommand),
      };
    });

    scope.post<{ Params: { id: string; attempt: string } }>(
      "/jobs/:id/attempts/:attempt/acknowledgement",
      async (request): Promise<AcknowledgementReply> => {
        const applianceId = callerAppliance(request);
        const { receivedAt } = readContent(request, validators.Acknowledgement);
        const attempt = wholeNumber(request.params.attempt, "attempt", 1_000_000);
        const result = await store.jobs.acknowledge(
          applianceId,
          { jobId: request.params.id, attempt, takenAt: receivedAt },
          clock.nowMs(),
          leases.current,
        );
        changes.publish(applianceId);
        if (result.kind !== "acknowledged") throw new OutriderError(result.kind);
        return { serverTime: clock.nowMs(), leaseUntil: leases.onWall(result.leaseUntil) };
      },
    );
  });
}

function asCommand({ id, kind, createdAt, expiresAt, network }: StoredCommand): Command {
  return { id, kind, createdAt, expiresAt, ...(network ? { network } : {}) };
}

function asJob(job: StoredJob, leases: Leases): Job {
  return {
    id: job.id,
    attempt: job.attempt,
    createdAt: job.createdAt,
    leaseUntil: job.leaseUntil === null ? job.createdAt : leases.onWall(job.leaseUntil),
    kind: "scan",
    scan: job.specification,
  };
}
