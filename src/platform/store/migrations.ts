import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

/**
 * The migrations of the database, in order. A published one is never edited. Kysely records in the
 * database which ones ran. Column types are those that SQLite and PostgreSQL share.
 */
const migrations: Record<string, Migration> = {
  "0001-start": {
    async up(database) {
      await database.schema
        .createTable("settings")
        .addColumn("name", "text", text)
        .addColumn("value", "text", filled)
        .execute();
      await database.schema
        .createTable("activation_codes")
        .addColumn("id", "text", text)
        .addColumn("name", "text", filled)
        .addColumn("activation_key", "text", filled)
        .addColumn("created_at", "bigint", filled)
        .addColumn("expires_at", "bigint", filled)
        .addColumn("used_at", "bigint")
        .addColumn("appliance_id", "text")
        .execute();
      await database.schema
        .createTable("appliances")
        .addColumn("id", "text", text)
        .addColumn("name", "text", filled)
        .addColumn("hostname", "text", filled)
        .addColumn("public_key", "text", filled)
        .addColumn("certificate", "text", filled)
        .addColumn("software_version", "text", filled)
        .addColumn("enrolled_at", "bigint", filled)
        .addColumn("revoked_at", "bigint")
        .addColumn("last_contact_at", "bigint")
        .addColumn("seen_from", "text")
        .addColumn("heartbeat_at", "bigint")
        .addColumn("heartbeat", "text")
        .addColumn("inventory", "text")
        .addColumn("jobs_version", "bigint", filled)
        .execute();
      await database.schema
        .createIndex("appliances_by_public_key")
        .on("appliances")
        .column("public_key")
        .execute();
      await database.schema
        .createTable("nonces")
        .addColumn("key_id", "text", filled)
        .addColumn("nonce", "text", filled)
        .addColumn("expires_at", "bigint", filled)
        .addPrimaryKeyConstraint("nonces_key", ["key_id", "nonce"])
        .execute();
      await database.schema
        .createIndex("nonces_by_expiry")
        .on("nonces")
        .column("expires_at")
        .execute();
      await database.schema
        .createTable("jobs")
        .addColumn("id", "text", text)
        .addColumn("appliance_id", "text", (column) => column.notNull().references("appliances.id"))
        .addColumn("specification", "text", filled)
        .addColumn("address_count", "bigint", filled)
        .addColumn("created_at", "bigint", filled)
        .addColumn("attempt", "integer", filled)
        .addColumn("given_at", "bigint")
        .addColumn("acknowledged_at", "bigint")
        .addColumn("lease_until", "bigint")
        .addColumn("progress", "text")
        .addColumn("stop_requested_at", "bigint")
        .addColumn("ended_at", "bigint")
        .addColumn("end_state", "text")
        .addColumn("completion", "text")
        .addColumn("completed_attempt", "integer")
        .execute();
      await database.schema
        .createIndex("jobs_by_appliance")
        .on("jobs")
        .columns(["appliance_id", "ended_at"])
        .execute();
      await database.schema
        .createTable("result_parts")
        .addColumn("job_id", "text", (column) => column.notNull().references("jobs.id"))
        .addColumn("attempt", "integer", filled)
        .addColumn("number", "integer", filled)
        .addColumn("sha256", "text", filled)
        .addColumn("received_at", "bigint", filled)
        .addPrimaryKeyConstraint("result_parts_key", ["job_id", "attempt", "number"])
        .execute();
      await database.schema
        .createTable("result_hosts")
        .addColumn("job_id", "text", (column) => column.notNull().references("jobs.id"))
        .addColumn("attempt", "integer", filled)
        .addColumn("sort_key", "bigint", filled)
        .addColumn("address", "text", filled)
        .addColumn("open_ports", "integer", filled)
        .addColumn("observation", "text", filled)
        .addPrimaryKeyConstraint("result_hosts_key", ["job_id", "attempt", "sort_key", "address"])
        .execute();
      await database.schema
        .createTable("announcements")
        .addColumn("kind", "text", filled)
        .addColumn("version", "text", filled)
        .addColumn("summary", "text", filled)
        .addColumn("published_at", "bigint", filled)
        .addPrimaryKeyConstraint("announcements_key", ["kind", "version"])
        .execute();
      await database.schema
        .createTable("sessions")
        .addColumn("token_sha256", "text", text)
        .addColumn("expires_at", "bigint", filled)
        .execute();
    },
  },
  "0002-updates-in-files": {
    // Signed metadata files list what is published.
    async up(database) {
      await database.schema.dropTable("announcements").execute();
    },
  },
  "0003-commands-and-copies": {
    async up(database) {
      await database.schema
        .createTable("commands")
        .addColumn("id", "text", text)
        .addColumn("appliance_id", "text", (column) => column.notNull().references("appliances.id"))
        .addColumn("kind", "text", filled)
        .addColumn("network", "text")
        .addColumn("created_at", "bigint", filled)
        .addColumn("expires_at", "bigint", filled)
        .addColumn("given_at", "bigint")
        .addColumn("ended_at", "bigint")
        .addColumn("end_state", "text")
        .addColumn("result", "text")
        .execute();
      await database.schema
        .createIndex("commands_by_appliance")
        .on("commands")
        .columns(["appliance_id", "created_at"])
        .execute();
      await database.schema
        .createTable("command_parts")
        .addColumn("command_id", "text", (column) => column.notNull().references("commands.id"))
        .addColumn("number", "integer", filled)
        .addColumn("content", "text", filled)
        .addPrimaryKeyConstraint("command_parts_key", ["command_id", "number"])
        .execute();
      await database.schema
        .createTable("appliance_boots")
        .addColumn("appliance_id", "text", (column) => column.notNull().references("appliances.id"))
        .addColumn("boot_id", "text", filled)
        .addColumn("machine", "text")
        .addColumn("first_seen_at", "bigint", filled)
        .addColumn("last_seen_at", "bigint", filled)
        .addColumn("returns", "integer", filled)
        .addColumn("refused", "integer", filled)
        .addColumn("seen_from", "text")
        .addColumn("addresses", "text", filled)
        .addPrimaryKeyConstraint("appliance_boots_key", ["appliance_id", "boot_id"])
        .execute();
      await database.schema.alterTable("appliances").addColumn("boot_id", "text").execute();
      await database.schema.alterTable("appliances").addColumn("machine", "text").execute();
      await database.schema.alterTable("appliances").addColumn("starts", "bigint").execute();
      await database.schema.alterTable("appliances").addColumn("restored_at", "bigint").execute();
      await database.schema
        .alterTable("activation_codes")
        .addColumn("for_appliance_id", "text")
        .execute();
      await database.schema
        .createIndex("appliances_by_name")
        .on("appliances")
        .columns(["name", "id"])
        .execute();
      await database.schema
        .createIndex("jobs_by_time")
        .on("jobs")
        .columns(["created_at", "id"])
        .execute();
    },
  },
  "0004-journal": {
    async up(database) {
      await database.schema
        .createTable("journal")
        .addColumn("number", "bigint", text)
        .addColumn("at", "bigint", filled)
        .addColumn("by_whom", "text", filled)
        .addColumn("from_where", "text", filled)
        .addColumn("what", "text", filled)
        .addColumn("subject", "text", filled)
        .addColumn("outcome", "text")
        .addColumn("detail", "text", filled)
        .execute();
    },
  },
  "0005-outages": {
    async up(database) {
      await database.schema
        .createTable("outages")
        .addColumn("appliance_id", "text", filled)
        .addColumn("since", "bigint", filled)
        .addColumn("checked_at", "bigint", filled)
        .addColumn("ended_at", "bigint", filled)
        .addColumn("code", "text", filled)
        .addColumn("checks", "text", filled)
        .addPrimaryKeyConstraint("outages_key", ["appliance_id", "since"])
        .execute();
    },
  },
  "0006-boot-order": {
    async up(database) {
      await database.schema.alterTable("appliances").addColumn("boot_since", "bigint").execute();
      for (const count of ["starts", "sequence"])
        await database.schema.alterTable("appliance_boots").addColumn(count, "bigint").execute();
    },
  },
  "0007-lost-jobs": {
    async up(database) {
      await database.schema.alterTable("jobs").addColumn("taken_at", "bigint").execute();
      await database.schema
        .alterTable("jobs")
        .addColumn("unnamed", "integer", (column) => filled(column).defaultTo(0))
        .execute();
    },
  },
  "0008-trusts": {
    async up(database) {
      await database.schema.alterTable("appliances").addColumn("trusts", "text").execute();
    },
  },
};

type Column = Parameters<
  Parameters<ReturnType<Kysely<unknown>["schema"]["createTable"]>["addColumn"]>[2] & object
>[0];
function text(column: Column): Column {
  return column.primaryKey().notNull();
}
function filled(column: Column): Column {
  return column.notNull();
}

/**
 * Runs the migrations that the database has not had yet, each in a transaction of its own where the
 * database supports that.
 */
export async function migrate<T>(database: Kysely<T>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
