import type { Heartbeat } from "../../protocol/schemas/health.ts";
import type {
  ApplianceStore,
  Contact,
  HeartbeatResult,
  StoredAppliance,
  ToldTrust,
} from "./appliance-records.ts";
import { changeJobs, renewJobs } from "./attempts.ts";
import {
  forgetBoots,
  isOvertaken,
  isRefusedBoot,
  isRepeated,
  listBoots,
  noteBoot,
} from "./boot-store.ts";
import type { Database, Row, Session } from "./database.ts";
import { parseJson } from "./json.ts";
import { addOutage, listOutages } from "./outages.ts";
import { paged } from "./page.ts";

/**
 * The most nonces that are remembered for one key: far above the requests of an appliance in ten
 * minutes, and a bound for one that misbehaves.
 */
const mostNoncesPerKey = 20_000;

export function applianceStore(database: Database): ApplianceStore {
  return {
    find: async (id) => {
      const row = await database
        .selectFrom("appliances")
        .selectAll()
        .where("id", "=", id)
        .executeTakeFirst();
      return row ? asAppliance(row) : null;
    },
    key: async (id) => {
      const row = await database
        .selectFrom("appliances")
        .select(["public_key", "revoked_at"])
        .where("id", "=", id)
        .executeTakeFirst();
      return row ? { publicKey: row.public_key, revoked: row.revoked_at !== null } : null;
    },
    list: async (page) =>
      (
        await paged(
          database.selectFrom("appliances").selectAll().orderBy("name").orderBy("id"),
          page,
        ).execute()
      ).map(asAppliance),
    count: async () => {
      const { count } = await database
        .selectFrom("appliances")
        .select((select) => select.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return count;
    },
    names: async (ids) => {
      if (ids.length === 0) return new Map();
      const rows = await database
        .selectFrom("appliances")
        .select(["id", "name"])
        .where("id", "in", [...new Set(ids)])
        .execute();
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
    contact: (id, nonce, now, expiresAt, seenFrom, bootId) =>
      database.transaction().execute(async (transaction) => {
        const contact = await rememberNonce(transaction, id, nonce, now, expiresAt);
        if (contact !== "accepted") return contact;
        if (bootId !== null && (await isRefusedBoot(transaction, id, bootId))) return "copy";
        await transaction
          .updateTable("appliances")
          .set({ last_contact_at: now, seen_from: seenFrom })
          .where("id", "=", id)
          .execute();
        return contact;
      }),
    useNonce: (keyId, nonce, now, expiresAt) =>
      database
        .transaction()
        .execute((transaction) => rememberNonce(transaction, keyId, nonce, now, expiresAt)),
    heartbeat: (id, heartbeat, arrival, lease) =>
      database.transaction().execute(async (transaction): Promise<HeartbeatResult> => {
        const verdict = await noteBoot(transaction, id, heartbeat, arrival);
        if (verdict.kind === "copy") return verdict;
        const { outage, ...present } = heartbeat;
        const now = arrival.atMs;
        // What happened has happened, also when it is told late.
        if (outage !== undefined) await addOutage(transaction, id, outage, now);
        const { stored } = await transaction
          .selectFrom("appliances")
          .select("heartbeat as stored")
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        const last = parseJson<Heartbeat>(stored);
        if (verdict.kind !== "late" && !isOvertaken(heartbeat, last)) {
          await transaction
            .updateTable("appliances")
            .set({
              heartbeat: JSON.stringify(present),
              heartbeat_at: now,
              software_version: heartbeat.softwareVersion,
              trusts: JSON.stringify(toldTrust(heartbeat)),
            })
            .where("id", "=", id)
            .execute();
          await renewJobs(
            transaction,
            id,
            heartbeat,
            { ...arrival, isRepeated: isRepeated(heartbeat, last) },
            lease,
          );
        }
        const { jobs_version } = await transaction
          .selectFrom("appliances")
          .select("jobs_version")
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        return { kind: "stored", jobsVersion: jobs_version };
      }),
    outages: (id, limit) => listOutages(database, id, limit),
    boots: (id) => listBoots(database, id),
    forgetBoots: (id) =>
      database.transaction().execute((transaction) => forgetBoots(transaction, id)),
    renewCertificate: async (id, certificate) => {
      await database.updateTable("appliances").set({ certificate }).where("id", "=", id).execute();
    },
    trusts: async () => {
      const rows = await database
        .selectFrom("appliances")
        .select(["id", "name", "enrolled_at", "trusts"])
        .where("revoked_at", "is", null)
        .orderBy("name")
        .orderBy("id")
        .execute();
      return rows.map(({ id, name, enrolled_at, trusts }) => ({
        id,
        name,
        enrolledAt: enrolled_at,
        told: parseJson<ToldTrust>(trusts),
      }));
    },
    inventory: async (id, inventory) => {
      await database
        .updateTable("appliances")
        .set({ inventory: JSON.stringify(inventory), hostname: inventory.hostname })
        .where("id", "=", id)
        .execute();
    },
    revoke: (id, now) =>
      database.transaction().execute(async (transaction) => {
        const revoked = await transaction
          .updateTable("appliances")
          .set({ revoked_at: now })
          .where("id", "=", id)
          .where("revoked_at", "is", null)
          .returning("id")
          .executeTakeFirst();
        if (!revoked) return false;
        await transaction
          .updateTable("jobs")
          .set({ ended_at: now, end_state: "stopped", stop_requested_at: now })
          .where("appliance_id", "=", id)
          .where("ended_at", "is", null)
          .execute();
        await transaction
          .updateTable("commands")
          .set({ ended_at: now, end_state: "expired" })
          .where("appliance_id", "=", id)
          .where("ended_at", "is", null)
          .execute();
        await changeJobs(transaction, id);
        return true;
      }),
  };
}

/**
 * A nonce is stored until its request's time is outside of the accepted window, so that a request
 * cannot be replayed after a restart either. Only requests with a valid signature get here, so that
 * unknown clients cannot fill the table.
 */
async function rememberNonce(
  session: Session,
  keyId: string,
  nonce: string,
  now: number,
  expiresAt: number,
): Promise<Contact> {
  await session.deleteFrom("nonces").where("expires_at", "<", now).execute();
  const { count } = await session
    .selectFrom("nonces")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("key_id", "=", keyId)
    .executeTakeFirstOrThrow();
  if (count >= mostNoncesPerKey) return "too-many";
  const added = await session
    .insertInto("nonces")
    .values({ key_id: keyId, nonce, expires_at: expiresAt })
    .onConflict((conflict) => conflict.columns(["key_id", "nonce"]).doNothing())
    .returning("nonce")
    .executeTakeFirst();
  return added ? "accepted" : "replayed";
}

function toldTrust({ configurationVersion, trusts }: Heartbeat): ToldTrust {
  return { configurationVersion, trusts: trusts ?? null };
}

function asAppliance(row: Row<"appliances">): StoredAppliance {
  return {
    id: row.id,
    name: row.name,
    hostname: row.hostname,
    publicKey: row.public_key,
    certificate: row.certificate,
    softwareVersion: row.software_version,
    enrolledAt: row.enrolled_at,
    revokedAt: row.revoked_at,
    lastContactAt: row.last_contact_at,
    seenFrom: row.seen_from,
    heartbeatAt: row.heartbeat_at,
    heartbeat: parseJson(row.heartbeat),
    inventory: parseJson(row.inventory),
    jobsVersion: row.jobs_version,
    bootId: row.boot_id,
    restoredAt: row.restored_at,
  };
}
