import type { JobProgress } from "../../protocol/schemas/health.ts";
import { completionStates } from "../../protocol/schemas/results.ts";
import type { Database, Row, Session } from "./database.ts";
import type { AcknowledgementResult, JobList, JobStore, Lease, StoredJob } from "./job-records.ts";
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
    acknowledge: (applianceId, jobId, attempt, now, lease) =>
      database
        .transaction()
        .execute((transaction) =>
          acknowledge(transaction, applianceId, jobId, attempt, now, lease),
        ),
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

/**
 * Ends leases that ran out: such a job gets its next attempt, or ends if it was to be stopped.
 */
async function endLeases(
  session: Session,
  applianceId: string,
  now: number,
  lease: Lease,
): Promise<void> {
  const overdue = () =>
    session
      .updateTable("jobs")
      .where("appliance_id", "=", applianceId)
      .where("ended_at", "is", null)
      .where("lease_until", "<", lease.nowMs);
  const stopped = await overdue()
    .where("stop_requested_at", "is not", null)
    .set({ ended_at: now, end_state: "stopped" })
    .returning("id")
    .execute();
  const renewed = await overdue()
    .set((set) => ({
      attempt: set("attempt", "+", 1),
      given_at: null,
      acknowledged_at: null,
      lease_until: null,
      progress: null,
    }))
    .returning("id")
    .execute();
  if (stopped.length + renewed.length > 0) await changeJobs(session, applianceId);
}

async function acknowledge(
  session: Session,
  applianceId: string,
  jobId: string,
  attempt: number,
  now: number,
  lease: Lease,
): Promise<AcknowledgementResult> {
  const job = await findJob(session, jobId);
  if (job?.applianceId !== applianceId || attempt > job.attempt) return { kind: "not-found" };
  if (attempt < job.attempt) return { kind: "attempt-outdated" };
  const leaseUntil = lease.untilMs;
  if (job.endedAt === null) {
    await session
      .updateTable("jobs")
      .set({
        acknowledged_at: job.acknowledgedAt ?? now,
        given_at: job.givenAt ?? now,
        lease_until: leaseUntil,
      })
      .where("id", "=", jobId)
      .execute();
  }
  return { kind: "acknowledged", leaseUntil };
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

/**
 * Renews the leases of the jobs that a heartbeat names, also of those that ran out meanwhile: until
 * its attempt grows, a job is still this appliance's.
 */
export async function renewJobs(
  session: Session,
  applianceId: string,
  progresses: readonly JobProgress[],
  now: number,
  lease: Lease,
): Promise<void> {
  for (const progress of progresses) {
    await session
      .updateTable("jobs")
      .set((set) => ({
        progress: JSON.stringify(progress),
        lease_until: lease.untilMs,
        given_at: set.fn.coalesce("given_at", set.val(now)),
        acknowledged_at: set.fn.coalesce("acknowledged_at", set.val(now)),
      }))
      .where("id", "=", progress.jobId)
      .where("appliance_id", "=", applianceId)
      .where("attempt", "=", progress.attempt)
      .where("ended_at", "is", null)
      .execute();
  }
  await endLeases(session, applianceId, now, lease);
}

/** Raises the version of the appliance's list of jobs. */
export async function changeJobs(session: Session, applianceId: string): Promise<void> {
  await session
    .updateTable("appliances")
    .set((set) => ({ jobs_version: set("jobs_version", "+", 1) }))
    .where("id", "=", applianceId)
    .execute();
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
    leaseUntil: row.lease_until,
    progress: parseJson(row.progress),
    stopRequestedAt: row.stop_requested_at,
    endedAt: row.ended_at,
    endState: completionStates.find((state) => state === row.end_state) ?? null,
    completion: parseJson(row.completion),
    completedAttempt: row.completed_attempt,
  };
}
