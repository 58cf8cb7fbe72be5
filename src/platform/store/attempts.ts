import type { Heartbeat } from "../../protocol/schemas/health.ts";
import type { Arrival } from "./appliance-records.ts";
import type { Session } from "./database.ts";
import type { Lease } from "./job-records.ts";

/** A heartbeat names no more (protocol/schemas/health.ts), so one with as many may lack some. */
const mostNamed = 100;
/**
 * So many heartbeats without a job mean that the appliance does not have it. The first may have been
 * built before the job was taken; the next one is built after the first was answered.
 */
const unnamedForLoss = 2;
/** Signatures give the time in whole seconds (RFC 9421 section 2.3, `created`). */
const signedWithinMs = 1000;

/** Raises the version of the appliance's list of jobs. */
export async function changeJobs(session: Session, applianceId: string): Promise<void> {
  await session
    .updateTable("appliances")
    .set((set) => ({ jobs_version: set("jobs_version", "+", 1) }))
    .where("id", "=", applianceId)
    .execute();
}

/** Ends attempts: such a job gets its next one, or ends if it was to be stopped. */
export async function endAttempts(
  session: Session,
  applianceId: string,
  jobIds: readonly string[],
  now: number,
): Promise<void> {
  if (jobIds.length === 0) return;
  await session
    .updateTable("jobs")
    .where("id", "in", jobIds)
    .where("stop_requested_at", "is not", null)
    .set({ ended_at: now, end_state: "stopped" })
    .execute();
  await session
    .updateTable("jobs")
    .where("id", "in", jobIds)
    .where("ended_at", "is", null)
    .set((set) => ({
      attempt: set("attempt", "+", 1),
      given_at: null,
      acknowledged_at: null,
      taken_at: null,
      unnamed: 0,
      lease_until: null,
      progress: null,
    }))
    .execute();
  await changeJobs(session, applianceId);
}

/** Ends the attempts whose leases ran out. */
export async function endLeases(
  session: Session,
  applianceId: string,
  now: number,
  lease: Lease,
): Promise<void> {
  const overdue = await session
    .selectFrom("jobs")
    .select("id")
    .where("appliance_id", "=", applianceId)
    .where("ended_at", "is", null)
    .where("lease_until", "<", lease.nowMs)
    .execute();
  const ids = overdue.map(({ id }) => id);
  await endAttempts(session, applianceId, ids, now);
}

/**
 * Renews the leases of the jobs that a heartbeat names, also of those that ran out meanwhile: until
 * its attempt grows, a job is still this appliance's. A job that several heartbeats do not name is
 * given out again without waiting for its lease: the platform was set back to a backup from before
 * the result, or the appliance's disk has lost the job.
 */
export async function renewJobs(
  session: Session,
  applianceId: string,
  heartbeat: Heartbeat,
  arrival: Arrival & { isRepeated: boolean },
  lease: Lease,
): Promise<void> {
  const now = arrival.atMs;
  for (const progress of heartbeat.jobs) {
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
  if (!arrival.isRepeated) await countUnnamed(session, applianceId, heartbeat, arrival);
  await endLeases(session, applianceId, now, lease);
}

async function countUnnamed(
  session: Session,
  applianceId: string,
  { jobs, spool }: Heartbeat,
  { atMs: now, signedMs }: Arrival,
): Promise<void> {
  // An older attempt that waits to be sent holds the newer ones back: any attempt is named.
  const named = [...new Set(jobs.map(({ jobId }) => jobId))];
  if (named.length > 0)
    await session
      .updateTable("jobs")
      .set({ unnamed: 0 })
      .where("appliance_id", "=", applianceId)
      .where("id", "in", named)
      .execute();
  if (jobs.length >= mostNamed) return;
  const open = await session
    .selectFrom("jobs")
    .select(["id", "given_at", "acknowledged_at", "stop_requested_at", "unnamed"])
    .where("appliance_id", "=", applianceId)
    .where("ended_at", "is", null)
    .where("given_at", "is not", null)
    .execute();
  const unnamed = open.filter(({ id, given_at, acknowledged_at }) => {
    if (named.includes(id)) return false;
    // It has no room: it leaves the job with the platform and asks for the list again.
    if (acknowledged_at === null && spool?.full === true) return false;
    const since = acknowledged_at ?? given_at ?? 0;
    // A moment ahead of the clock was before the clock was set back.
    return since > now || signedMs + signedWithinMs > since;
  });
  for (const job of unnamed)
    await session
      .updateTable("jobs")
      .set({ unnamed: job.unnamed + 1 })
      .where("id", "=", job.id)
      .execute();
  const lost = unnamed.filter((job) => job.unnamed + 1 >= unnamedForLoss);
  const isOver = (job: (typeof lost)[number]) =>
    job.acknowledged_at !== null || job.stop_requested_at !== null;
  const over = lost.filter(isOver).map(({ id }) => id);
  const untaken = lost.filter((job) => !isOver(job)).map(({ id }) => id);
  await endAttempts(session, applianceId, over, now);
  await takeBack(session, applianceId, untaken);
}

/**
 * Jobs that never reached the appliance: it is told to ask for them again. The attempt stays, since
 * nobody has begun it.
 */
async function takeBack(
  session: Session,
  applianceId: string,
  jobIds: readonly string[],
): Promise<void> {
  if (jobIds.length === 0) return;
  await session
    .updateTable("jobs")
    .where("id", "in", jobIds)
    .set({ given_at: null, unnamed: 0, lease_until: null })
    .execute();
  await changeJobs(session, applianceId);
}
