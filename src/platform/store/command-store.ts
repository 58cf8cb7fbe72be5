import { createHash } from "node:crypto";
import { commandEnds, commandKinds } from "../../protocol/schemas/commands.ts";
import { changeJobs } from "./attempts.ts";
import type { Database, Row, Session } from "./database.ts";
import type { CommandStore, StoredCommand } from "./job-records.ts";
import { parseJson } from "./json.ts";

/** The most that one reply may carry (protocol/schemas/jobs.ts). */
const mostCommandsInReply = 20;

export function commandStore(database: Database): CommandStore {
  return {
    add: (command, now) =>
      database.transaction().execute(async (transaction) => {
        const { id, applianceId, kind, network, expiresAt } = command;
        await transaction
          .insertInto("commands")
          .values({
            id,
            appliance_id: applianceId,
            kind,
            network: network ? JSON.stringify(network) : null,
            created_at: now,
            expires_at: expiresAt,
          })
          .execute();
        await changeJobs(transaction, applianceId);
      }),
    find: (id) => findCommand(database, id),
    list: async (applianceId, limit) =>
      (
        await database
          .selectFrom("commands")
          .selectAll()
          .where("appliance_id", "=", applianceId)
          .orderBy("created_at", "desc")
          .orderBy("id")
          .limit(limit)
          .execute()
      ).map(asCommand),
    giveOut: (applianceId, now) =>
      database.transaction().execute((transaction) => giveOut(transaction, applianceId, now)),
    end: (applianceId, id, result, now) =>
      database.transaction().execute(async (transaction) => {
        const command = await findCommand(transaction, id);
        if (command?.applianceId !== applianceId) return { kind: "not-found" };
        if (command.result !== null)
          return { kind: "ended", receivedAt: command.endedAt ?? now, first: false };
        await transaction
          .updateTable("commands")
          .set({
            ended_at: now,
            end_state: result.end,
            result: JSON.stringify(result),
            given_at: command.givenAt ?? now,
          })
          .where("id", "=", id)
          .execute();
        await changeJobs(transaction, applianceId);
        return { kind: "ended", receivedAt: now, first: true };
      }),
    addBundlePart: (applianceId, id, number, content) =>
      database.transaction().execute(async (transaction) => {
        const command = await findCommand(transaction, id);
        if (
          command?.applianceId !== applianceId ||
          command.kind !== "support-bundle" ||
          command.result !== null
        )
          return null;
        const sha256 = createHash("sha256").update(content).digest("hex");
        const text = Buffer.from(content).toString("base64");
        // An upload that began again after a crash replaces the parts of the one before.
        await transaction
          .insertInto("command_parts")
          .values({ command_id: id, number, content: text })
          .onConflict((conflict) =>
            conflict.columns(["command_id", "number"]).doUpdateSet({ content: text }),
          )
          .execute();
        return sha256;
      }),
    bundle: async (id) => {
      const command = await findCommand(database, id);
      const facts = command?.result?.bundle;
      if (!facts) return null;
      const parts = await database
        .selectFrom("command_parts")
        .select("content")
        .where("command_id", "=", id)
        .orderBy("number")
        .limit(facts.partCount)
        .execute();
      const content = Buffer.concat(parts.map((part) => Buffer.from(part.content, "base64")));
      return createHash("sha256").update(content).digest("hex") === facts.sha256 ? content : null;
    },
  };
}

async function giveOut(
  session: Session,
  applianceId: string,
  now: number,
): Promise<StoredCommand[]> {
  const open = () =>
    session
      .selectFrom("commands")
      .selectAll()
      .where("appliance_id", "=", applianceId)
      .where("ended_at", "is", null);
  // A command that no appliance fetched expires here. The appliance reports the end of all others.
  await session
    .updateTable("commands")
    .set({ ended_at: now, end_state: "expired" })
    .where("appliance_id", "=", applianceId)
    .where("ended_at", "is", null)
    .where("given_at", "is", null)
    .where("expires_at", "<", now)
    .execute();
  const commands = await open()
    .orderBy("created_at")
    .orderBy("id")
    .limit(mostCommandsInReply)
    .execute();
  for (const command of commands) {
    if (command.given_at !== null) continue;
    command.given_at = now;
    await session
      .updateTable("commands")
      .set({ given_at: now })
      .where("id", "=", command.id)
      .execute();
  }
  return commands.map(asCommand);
}

async function findCommand(session: Session, id: string): Promise<StoredCommand | null> {
  const row = await session
    .selectFrom("commands")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
  return row ? asCommand(row) : null;
}

function asCommand(row: Row<"commands">): StoredCommand {
  return {
    id: row.id,
    applianceId: row.appliance_id,
    kind: commandKinds.find((kind) => kind === row.kind) ?? "check-in",
    network: parseJson(row.network),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    givenAt: row.given_at,
    endedAt: row.ended_at,
    endState: commandEnds.find((end) => end === row.end_state) ?? null,
    result: parseJson(row.result),
  };
}
