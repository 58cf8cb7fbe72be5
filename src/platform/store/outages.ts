import type { CheckResult } from "../../protocol/schemas/check-result.ts";
import type { Outage } from "../../protocol/schemas/health.ts";
import type { StoredOutage } from "./appliance-records.ts";
import type { Database, Session } from "./database.ts";
import { parseJson } from "./json.ts";

/** Of each appliance; older ones are dropped. */
const mostKept = 100;

/** The same outage may come again, by a repeated heartbeat or with what was found out later. */
export async function addOutage(
  transaction: Session,
  applianceId: string,
  { since, checkedAt, code, checks }: Outage,
  now: number,
): Promise<void> {
  const found = { checked_at: checkedAt, code, checks: JSON.stringify(checks) };
  await transaction
    .insertInto("outages")
    .values({ appliance_id: applianceId, since, ended_at: now, ...found })
    .onConflict((conflict) => conflict.columns(["appliance_id", "since"]).doUpdateSet(found))
    .execute();
  const kept = await transaction
    .selectFrom("outages")
    .select("since")
    .where("appliance_id", "=", applianceId)
    .orderBy("since", "desc")
    .limit(mostKept)
    .execute();
  await transaction
    .deleteFrom("outages")
    .where("appliance_id", "=", applianceId)
    .where("since", "<", kept.at(-1)?.since ?? 0)
    .execute();
}

export async function listOutages(
  database: Database,
  applianceId: string,
  limit: number,
): Promise<StoredOutage[]> {
  const rows = await database
    .selectFrom("outages")
    .selectAll()
    .where("appliance_id", "=", applianceId)
    .orderBy("since", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ since, checked_at, ended_at, code, checks }) => ({
    since,
    checkedAt: checked_at,
    endedAt: ended_at,
    code,
    checks: parseJson<CheckResult[]>(checks) ?? [],
  }));
}
