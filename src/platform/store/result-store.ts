import { createHash } from "node:crypto";
import { parseAddress } from "../../base/addresses/address.ts";
import {
  type Completion,
  type HostObservation,
  partsInReply,
} from "../../protocol/schemas/results.ts";
import { changeJobs } from "./attempts.ts";
import type { Database, Session } from "./database.ts";
import type {
  CompletionResult,
  Lease,
  NewPart,
  PartResult,
  ResultCounts,
  ResultStore,
  StoredJob,
} from "./job-records.ts";
import { findJob } from "./job-store.ts";
import { joinPieces } from "./join-pieces.ts";
import { paged } from "./page.ts";

/** Sorts after every IPv4 address. */
const lastSortKey = 2 ** 32;
/**
 * The most rows that one statement inserts: SQLite binds at most 32,766 values in one
 * (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER).
 */
const rowsPerStatement = 500;
/** The most ports of one host, as in one part (protocol/schemas/results.ts). */

export function resultStore(database: Database): ResultStore {
  return {
    addPart: (applianceId, part, now, lease) =>
      database
        .transaction()
        .execute((transaction) => addPart(transaction, applianceId, part, now, lease)),
    parts: async (applianceId, jobId, attempt, from) => {
      const job = await jobOf(database, applianceId, jobId, attempt);
      if (!job) return null;
      const parts = await database
        .selectFrom("result_parts")
        .select(["number", "sha256", "received_at as receivedAt"])
        .where("job_id", "=", jobId)
        .where("attempt", "=", attempt)
        .where("number", ">=", from)
        .orderBy("number")
        .limit(partsInReply + 1)
        .execute();
      return {
        parts: parts.slice(0, partsInReply),
        more: parts.length > partsInReply,
        complete: job.completedAttempt !== null,
      };
    },
    complete: (applianceId, jobId, attempt, completion, now) =>
      database
        .transaction()
        .execute((transaction) =>
          complete(transaction, applianceId, jobId, attempt, completion, now),
        ),
    hosts: async (jobId, page) => {
      const job = await findJob(database, jobId);
      if (!job) return [];
      let query = database
        .selectFrom("result_hosts")
        .select("observation")
        .where("job_id", "=", jobId)
        .where("attempt", "=", countedAttempt(job))
        .orderBy("sort_key")
        .orderBy("address");
      if (page) query = paged(query, page);
      return (await query.execute()).map(
        ({ observation }): HostObservation => JSON.parse(observation),
      );
    },
    counts: (jobIds) => counts(database, jobIds),
  };
}

async function addPart(
  session: Session,
  applianceId: string,
  part: NewPart,
  now: number,
  lease: Lease,
): Promise<PartResult> {
  const job = await jobOf(session, applianceId, part.jobId, part.attempt);
  if (!job) return { kind: "not-found" };
  const added = await session
    .insertInto("result_parts")
    .values({
      job_id: part.jobId,
      attempt: part.attempt,
      number: part.number,
      sha256: part.sha256,
      received_at: now,
    })
    .onConflict((conflict) => conflict.columns(["job_id", "attempt", "number"]).doNothing())
    .returning("received_at")
    .executeTakeFirst();
  if (!added) {
    const earlier = await session
      .selectFrom("result_parts")
      .select(["sha256", "received_at"])
      .where("job_id", "=", part.jobId)
      .where("attempt", "=", part.attempt)
      .where("number", "=", part.number)
      .executeTakeFirstOrThrow();
    return earlier.sha256 === part.sha256
      ? { kind: "stored", receivedAt: earlier.received_at }
      : { kind: "conflict" };
  }
  await addHosts(session, part);
  if (job.endedAt === null && part.attempt === job.attempt) {
    await session
      .updateTable("jobs")
      .set({
        lease_until: lease.untilMs,
        given_at: job.givenAt ?? now,
        acknowledged_at: job.acknowledgedAt ?? now,
        unnamed: 0,
      })
      .where("id", "=", job.id)
      .execute();
  }
  return { kind: "stored", receivedAt: now };
}

/**
 * Merges the observations of each address into one row. A host that is reported twice, as after a
 * shard ran again, counts once, with its last observation. One that is reported in pieces is
 * joined.
 */
async function addHosts(
  session: Session,
  { jobId, attempt, hosts: given }: NewPart,
): Promise<void> {
  const hosts = await Promise.all(
    given.map((host) => (host.partial ? putTogether(session, jobId, attempt, host) : host)),
  );
  const rows = new Map(
    hosts.map((host) => [
      host.address,
      {
        job_id: jobId,
        attempt,
        sort_key: sortKey(host.address),
        address: host.address,
        open_ports: host.ports.filter((port) => port.state === "open").length,
        observation: JSON.stringify(host),
      },
    ]),
  );
  const values = [...rows.values()];
  for (let start = 0; start < values.length; start += rowsPerStatement) {
    await session
      .insertInto("result_hosts")
      .values(values.slice(start, start + rowsPerStatement))
      .onConflict((conflict) =>
        conflict.columns(["job_id", "attempt", "sort_key", "address"]).doUpdateSet((update) => ({
          open_ports: update.ref("excluded.open_ports"),
          observation: update.ref("excluded.observation"),
        })),
      )
      .execute();
  }
}

/** IPv4 sorts by number, then IPv6 by its text: a column cannot hold 128 bits. */
function sortKey(address: string): number {
  const parsed = parseAddress(address);
  return parsed?.family === 4 ? Number(parsed.value) : lastSortKey;
}

async function putTogether(
  session: Session,
  jobId: string,
  attempt: number,
  { partial: _, ...piece }: HostObservation,
): Promise<HostObservation> {
  const row = await session
    .selectFrom("result_hosts")
    .select("observation")
    .where("job_id", "=", jobId)
    .where("attempt", "=", attempt)
    .where("address", "=", piece.address)
    .executeTakeFirst();
  return row ? joinPieces(JSON.parse(row.observation), piece) : piece;
}

async function complete(
  session: Session,
  applianceId: string,
  jobId: string,
  attempt: number,
  completion: Completion,
  now: number,
): Promise<CompletionResult> {
  const job = await jobOf(session, applianceId, jobId, attempt);
  if (!job) return { kind: "not-found" };
  // The first completion counts, of any attempt. A later one gets a receipt all the same, so that
  // the appliance can delete the job.
  if (job.completedAttempt !== null) return { kind: "completed", receivedAt: job.endedAt ?? now };
  const parts = await session
    .selectFrom("result_parts")
    .select(["number", "sha256"])
    .where("job_id", "=", jobId)
    .where("attempt", "=", attempt)
    .execute();
  const received = new Map(parts.map((part) => [part.number, part.sha256]));
  const lost = new Set(completion.lost);
  const expected = Array.from({ length: completion.partCount }, (_, number) => number).filter(
    (number) => !lost.has(number),
  );
  const numbers = expected.filter((number) => !received.has(number));
  if (numbers.length > 0) return { kind: "parts-missing", numbers };
  const digest = createHash("sha256").update(
    expected.map((number) => received.get(number)).join(""),
  );
  if (digest.digest("hex") !== completion.partsSha256) return { kind: "conflict" };
  await session
    .updateTable("jobs")
    .set({
      ended_at: now,
      end_state: completion.state,
      completion: JSON.stringify(completion),
      completed_attempt: attempt,
    })
    .where("id", "=", jobId)
    .execute();
  await changeJobs(session, applianceId);
  return { kind: "completed", receivedAt: now };
}

/** The appliance's job, if this attempt was given out. */
async function jobOf(
  session: Session,
  applianceId: string,
  jobId: string,
  attempt: number,
): Promise<StoredJob | null> {
  const job = await findJob(session, jobId);
  return job?.applianceId === applianceId && attempt <= job.attempt ? job : null;
}

/** The attempt that counts: the completed one, until then the newest. */
function countedAttempt(job: StoredJob): number {
  return job.completedAttempt ?? job.attempt;
}

async function counts(
  database: Database,
  jobIds: readonly string[],
): Promise<Map<string, ResultCounts>> {
  if (jobIds.length === 0) return new Map();
  const rows = await database
    .selectFrom("jobs")
    .innerJoin("result_hosts", (join) =>
      join
        .onRef("result_hosts.job_id", "=", "jobs.id")
        .on((on) =>
          on("result_hosts.attempt", "=", on.fn.coalesce("jobs.completed_attempt", "jobs.attempt")),
        ),
    )
    .where("jobs.id", "in", [...jobIds])
    .groupBy("jobs.id")
    .select((select) => [
      "jobs.id",
      select.fn.countAll<number>().as("hosts"),
      select.fn.sum<number>("result_hosts.open_ports").as("openPorts"),
    ])
    .execute();
  return new Map(rows.map(({ id, hosts, openPorts }) => [id, { hosts, openPorts }]));
}
