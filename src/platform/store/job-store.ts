import { completionStates } from "../../protocol/schemas/results.ts";
import { changeJobs, endAttempts, endLeases } from "./attempts.ts";
import type { Database, Row, Session } from "./database.ts";
import type {
  AcknowledgementResult,
  JobList,
  JobStore,
  Lease,
  StoredJob,
  TakenJob,
} from "./job-records.ts";
import { parseJson } from "./json.ts";
import { paged } from "./page.ts";

/** The most that one reply may carry (protocol/schemas/jobs.ts). */
const mostJobsInReply = 100;

export function jobStore(database: Database): JobStore {
  return {
    add: (job, now) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto("jobs")
          .values({
            id: job.id,
            appliance_id: job.applianceId,
            specification: JSON.stringify(job.specification),
            address_count: job.addressCount,
            created_at: now,
            attempt: 1,
          })
          .execute();
        await changeJobs(transaction, job.applianceId);
      }),
    find: (id) => findJob(database, id),
    count: async () => {
      const { count } = await database
        .selectFrom("jobs")
        .select((select) => select.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return count;
    },
    list: async ({ applianceId, ...page } = {}) => {
      let query = database
        .selectFrom("jobs")
        .selectAll()
        .orderBy("created_at", "desc")
        .orderBy("id");
      if (applianceId !== undefined) query = query.where("appliance_id", "=", applianceId);
      return (await paged(query, page).execute()).map(asJob);
    },
    giveOut: (applianceId, now, lease) =>
      database
        .transaction()
        .execute((transaction) => giveOut(transaction, applianceId, now, lease)),
    acknowledge: (applianceId, taken, now, lease) =>
      database
        .transaction()
        .execute((transaction) => acknowledge(transaction, applianceId, taken, now, lease)),
    requestStop: (id, now, lease) =>
      database.transaction().execute((transaction) => requestStop(transaction, id, now, lease)),
    boundLeases: async ({ untilMs }) => {
      await database
        .updateTable("jobs")
        .set({ lease_until: untilMs })
        .where("ended_at", "is", null)
        .where("lease_until", ">", untilMs)
        .execute();
    },
  };
}

async function giveOut(
  session: Session,
  applianceId: string,
  now: number,
  lease: Lease,
): Promise<JobList> {
  await endLeases(session, applianceId, now, lease);
  const { jobs_version } = await session
    .selectFrom("appliances")
    .select("jobs_version")
    .where("id", "=", applianceId)
    .executeTakeFirstOrThrow();
  const open = () =>
    session
      .selectFrom("jobs")
      .selectAll()
      .where("appliance_id", "=", applianceId)
      .where("ended_at", "is", null);
  const stop = await open()
    .where("stop_requested_at", "is not", null)
    .orderBy("created_at")
    .limit(mostJobsInReply)
    .execute();
  // A job to be stopped that was never acknowledged is named only under `stop`, so that it does not
  // begin.
  const jobs = await open()
    .where((where) =>
      where.or([where("stop_requested_at", "is", null), where("acknowledged_at", "is not", null)]),
    )
    .orderBy("created_at")
    .orderBy("id")
    .limit(mostJobsInReply)
    .execute();
  for (const job of jobs) {
    if (job.given_at !== null) continue;
    job.given_at = now;
    job.lease_until = lease.untilMs;
    await session
      .updateTable("jobs")
      .set({ given_at: job.given_at, lease_until: job.lease_until })
      .where("id", "=", job.id)
      .execute();
  }
  return { version: jobs_version, jobs: jobs.map(asJob), stop: stop.map((job) => job.id) };
}

async function acknowledge(
  session: Session,
  applianceId: string,
  { jobId, attempt, takenAt }: TakenJob,
  now: number,
  lease: Lease,
): Promise<AcknowledgementResult> {
  const job = await findJob(session, jobId);
  if (job?.applianceId !== applianceId || attempt > job.attempt) return { kind: "not-found" };
  if (attempt < job.attempt) return { kind: "attempt-outdated" };
  if (await isTakenAnew(session, job, takenAt)) {
    await endAttempts(session, applianceId, [jobId], now);
    return { kind: "attempt-outdated" };
  }
  const leaseUntil = lease.untilMs;
  if (job.endedAt === null) {
    await session
      .updateTable("jobs")
      .set({
        acknowledged_at: job.acknowledgedAt ?? now,
        given_at: job.givenAt ?? now,
        taken_at: takenAt,
        unnamed: 0,
        lease_until: leaseUntil,
      })
      .where("id", "=", jobId)
      .execute();
  }
  return { kind: "acknowledged", leaseUntil };
}

/**
 * Whether the appliance took an attempt for the second time of which there are parts already, as
 * after a backup of the platform was put back, or when the appliance's disk lost the job. Its parts
 * would have the numbers of those that are here.
 */
async function isTakenAnew(session: Session, job: StoredJob, takenAt: number): Promise<boolean> {
  if (job.endedAt !== null || job.takenAt === null || job.takenAt === takenAt) return false;
  const part = await session
    .selectFrom("result_parts")
    .select("number")
    .where("job_id", "=", job.id)
    .where("attempt", "=", job.attempt)
    .limit(1)
    .executeTakeFirst();
  return part !== undefined;
}

async function requestStop(
  session: Session,
  id: string,
  now: number,
  lease: Lease,
): Promise<boolean> {
  const job = await findJob(session, id);
  if (!job || job.endedAt !== null) return false;
  const neverGiven = job.givenAt === null && job.attempt === 1;
  await session
    .updateTable("jobs")
    .set({
      stop_requested_at: job.stopRequestedAt ?? now,
      // The job is named under `stop` for one lease more, for an appliance that has an earlier
      // attempt.
      lease_until: job.leaseUntil ?? lease.untilMs,
      ...(neverGiven ? { ended_at: now, end_state: "stopped" } : {}),
    })
    .where("id", "=", id)
    .execute();
  if (job.stopRequestedAt === null) await changeJobs(session, job.applianceId);
  return true;
}

export async function findJob(session: Session, id: string): Promise<StoredJob | null> {
  const row = await session.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
  return row ? asJob(row) : null;
}

function asJob(row: Row<"jobs">): StoredJob {
  return {
    id: row.id,
    applianceId: row.appliance_id,
    specification: JSON.parse(row.specification),
    addressCount: row.address_count,
    createdAt: row.created_at,
    attempt: row.attempt,
    givenAt: row.given_at,
    acknowledgedAt: row.acknowledged_at,
    takenAt: row.taken_at,
    leaseUntil: row.lease_until,
    progress: parseJson(row.progress),
    stopRequestedAt: row.stop_requested_at,
    endedAt: row.ended_at,
    endState: completionStates.find((state) => state === row.end_state) ?? null,
    completion: parseJson(row.completion),
    completedAttempt: row.completed_attempt,
  };
}
