import type {
  CodeStore,
  Enrolment,
  NewAppliance,
  StoredCode,
  ToldTrust,
} from "./appliance-records.ts";
import { forgetBoots } from "./boot-store.ts";
import type { Database, Row, Session } from "./database.ts";

export function codeStore(database: Database): CodeStore {
  return {
    add: async (code) => {
      const added = await database
        .insertInto("activation_codes")
        .values({
          id: code.id,
          name: code.name,
          activation_key: Buffer.from(code.activationKey).toString("base64"),
          created_at: code.createdAt,
          expires_at: code.expiresAt,
          used_at: code.usedAt,
          appliance_id: code.applianceId,
          for_appliance_id: code.forApplianceId,
        })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .returning("id")
        .executeTakeFirst();
      return added !== undefined;
    },
    find: (id) => findCode(database, id),
    list: async () =>
      (
        await database
          .selectFrom("activation_codes")
          .selectAll()
          .orderBy("created_at", "desc")
          .execute()
      ).map(asCode),
    prune: async (expiredBefore) => {
      await database
        .deleteFrom("activation_codes")
        .where("used_at", "is", null)
        .where("expires_at", "<", expiredBefore)
        .execute();
    },
    use: (codeId, appliance, now) =>
      database.transaction().execute((transaction) => useCode(transaction, codeId, appliance, now)),
  };
}

async function useCode(
  session: Session,
  codeId: string,
  appliance: NewAppliance,
  now: number,
): Promise<Enrolment> {
  const code = await findCode(session, codeId);
  if (!code) return { kind: "code-expired" };
  const known = await session
    .selectFrom("appliances")
    .select(["id", "name", "certificate"])
    .where("public_key", "=", appliance.publicKey)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  if (code.usedAt !== null) {
    // Repeat the reply only to the appliance that used the code: its first reply was lost.
    return known && known.id === code.applianceId
      ? {
          kind: "enrolled",
          applianceId: known.id,
          name: known.name,
          certificate: known.certificate,
        }
      : { kind: "code-used" };
  }
  if (code.expiresAt <= now) return { kind: "code-expired" };
  const renewed =
    code.forApplianceId === null || known
      ? null
      : await enrolAgain(session, code.forApplianceId, appliance);
  if (!known && !renewed) {
    await session
      .insertInto("appliances")
      .values({
        id: appliance.id,
        name: appliance.name,
        hostname: appliance.hostname,
        public_key: appliance.publicKey,
        certificate: appliance.certificate,
        software_version: appliance.softwareVersion,
        enrolled_at: now,
        last_contact_at: now,
        jobs_version: 1,
        trusts: asText(appliance.told),
      })
      .execute();
  }
  const enrolled = known ?? renewed ?? appliance;
  await session
    .updateTable("activation_codes")
    .set({ used_at: now, appliance_id: enrolled.id })
    .where("id", "=", codeId)
    .execute();
  return {
    kind: "enrolled",
    applianceId: enrolled.id,
    name: enrolled.name,
    certificate: enrolled.certificate,
  };
}

/**
 * Gives an existing appliance another key. Its record goes on, and the old key is unknown from now
 * on.
 */
async function enrolAgain(
  session: Session,
  id: string,
  appliance: NewAppliance,
): Promise<Pick<NewAppliance, "id" | "name" | "certificate"> | null> {
  const { hostname, publicKey, certificate, softwareVersion } = appliance;
  const renewed = await session
    .updateTable("appliances")
    .set({
      hostname,
      public_key: publicKey,
      certificate,
      software_version: softwareVersion,
      revoked_at: null,
      trusts: asText(appliance.told),
    })
    .where("id", "=", id)
    .returning("name")
    .executeTakeFirst();
  if (!renewed) return null;
  await forgetBoots(session, id);
  return { id, name: renewed.name, certificate };
}

function asText(told: ToldTrust | undefined): string | null {
  return told === undefined ? null : JSON.stringify(told);
}

async function findCode(session: Session, id: string): Promise<StoredCode | null> {
  const row = await session
    .selectFrom("activation_codes")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row ? asCode(row) : null;
}

function asCode(row: Row<"activation_codes">): StoredCode {
  return {
    id: row.id,
    name: row.name,
    activationKey: Buffer.from(row.activation_key, "base64"),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    applianceId: row.appliance_id,
    forApplianceId: row.for_appliance_id,
  };
}
