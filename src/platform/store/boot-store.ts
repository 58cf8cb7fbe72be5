import type { Heartbeat } from "../../protocol/schemas/health.ts";
import type { Arrival, StoredBoot } from "./appliance-records.ts";
import type { Row, Session } from "./database.ts";

/** The most starts of one appliance that are remembered. */
const mostBoots = 50;

export type BootVerdict =
  | { kind: "known" }
  /** Sent before what is known already: it was held on the way, and changes nothing. */
  | { kind: "late" }
  | { kind: "copy"; news: boolean; original: string | null };

/**
 * Records which start of which machine sent a heartbeat, and decides whether it is a copy. A
 * machine that restarts has a new start, and its start before never calls again. When an earlier
 * start calls again, the machine was set back to a snapshot with its memory. When the other start
 * then calls again too, two machines run under one identity. The copy is the one that did not
 * enrol; if that does not tell, the one that appeared later.
 *
 * A device on the way may hold a heartbeat, as long as its signed time is accepted, and let it
 * arrive after the machine has restarted. What counts is therefore when each was sent: one of
 * another start, signed before the present start took over, is late. It says nothing of now. The
 * moment of taking over is the platform's own: the first heartbeat after a start is signed by a clock
 * that may be minutes wrong.
 */
export async function noteBoot(
  session: Session,
  applianceId: string,
  heartbeat: Heartbeat,
  { from: seenFrom, atMs: now, signedMs }: Arrival,
): Promise<BootVerdict> {
  const { bootId, machine = null, starts = null } = heartbeat;
  const appliance = await session
    .selectFrom("appliances")
    .select(["boot_id", "boot_since", "machine", "starts"])
    .where("id", "=", applianceId)
    .executeTakeFirstOrThrow();
  const boots = await session
    .selectFrom("appliance_boots")
    .selectAll()
    .where("appliance_id", "=", applianceId)
    .execute();
  const known = boots.find((boot) => boot.boot_id === bootId);
  const addresses = heartbeat.interfaces
    .flatMap((one) => one.addresses)
    .join(", ")
    .slice(0, 500);
  if (known?.refused === 1) {
    await updateBoot(session, known, { last_seen_at: now, seen_from: seenFrom, addresses });
    return { kind: "copy", news: false, original: appliance.boot_id };
  }
  const since = appliance.boot_since ?? 0;
  // One ahead was before the platform's clock was set back, and orders nothing now.
  const tookOverMs = since > now ? 0 : since;
  // A count above all known ones is a new start's, also when its clock is behind.
  const isCounted = !known && starts !== null && starts > (appliance.starts ?? -1);
  if (
    appliance.boot_id !== null &&
    appliance.boot_id !== bootId &&
    !isCounted &&
    (signedMs < tookOverMs || (known && isBehind(known, heartbeat)))
  ) {
    // A start before the present one whose count is not below it: the disk was set back between.
    if (starts !== null && starts >= (appliance.starts ?? Number.POSITIVE_INFINITY))
      await session
        .updateTable("appliances")
        .set({ restored_at: now })
        .where("id", "=", applianceId)
        .execute();
    return { kind: "late" };
  }
  const sameAsCopy = boots.some(
    (boot) =>
      boot.refused === 1 &&
      boot.machine !== null &&
      boot.machine === machine &&
      machine !== appliance.machine,
  );
  const present: Row<"appliance_boots"> = known ?? {
    appliance_id: applianceId,
    boot_id: bootId,
    machine,
    first_seen_at: now,
    last_seen_at: now,
    returns: 0,
    starts,
    sequence: heartbeat.sequence,
    refused: sameAsCopy ? 1 : 0,
    seen_from: seenFrom,
    addresses,
  };
  if (!known) {
    await session.insertInto("appliance_boots").values(present).execute();
    await forgetOldest(session, applianceId, boots);
  }
  if (sameAsCopy) return { kind: "copy", news: false, original: appliance.boot_id };
  // A new start whose count is not above the known one: the disk was set back.
  const restored =
    !known && starts !== null && appliance.starts !== null && starts <= appliance.starts;
  const returned =
    known !== undefined && appliance.boot_id !== null && appliance.boot_id !== bootId;
  await updateBoot(session, present, {
    last_seen_at: now,
    seen_from: seenFrom,
    addresses,
    returns: present.returns + (returned ? 1 : 0),
    ...(isBehind(present, heartbeat) ? {} : { starts, sequence: heartbeat.sequence }),
  });
  const other = returned ? boots.find((boot) => boot.boot_id === appliance.boot_id) : undefined;
  if (other && other.returns > 0) {
    const copy = copyOf(present, other, appliance.machine);
    await updateBoot(session, copy, { refused: 1 });
    const original = copy === present ? other.boot_id : bootId;
    await session
      .updateTable("appliances")
      .set({ boot_id: original, boot_since: wholeSecond(now) })
      .where("id", "=", applianceId)
      .execute();
    return copy === present ? { kind: "copy", news: true, original } : { kind: "known" };
  }
  await session
    .updateTable("appliances")
    .set({
      boot_id: bootId,
      ...(appliance.boot_id === bootId ? {} : { boot_since: wholeSecond(now) }),
      machine: appliance.machine ?? machine,
      // A disk that was set back counts on from there.
      starts: restored && starts !== null ? starts : Math.max(starts ?? 0, appliance.starts ?? 0),
      ...(restored || returned ? { restored_at: now } : {}),
    })
    .where("id", "=", applianceId)
    .execute();
  return { kind: "known" };
}

/** Whether a later heartbeat of this start is known, by the agent's own counts. */
function isBehind(known: Row<"appliance_boots">, { starts, sequence }: Heartbeat): boolean {
  if (known.sequence === null) return false;
  if (known.starts === (starts ?? null)) return known.sequence >= sequence;
  return known.starts !== null && starts !== undefined && known.starts > starts;
}

/** Signatures give the time in whole seconds (RFC 9421 section 2.3, `created`). */
function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}

/** Whether the stored heartbeat of the same start was sent after this one. */
export function isOvertaken(heartbeat: Heartbeat, stored: Heartbeat | null): boolean {
  if (stored?.bootId !== heartbeat.bootId) return false;
  if (stored.starts === heartbeat.starts) return stored.sequence > heartbeat.sequence;
  return (stored.starts ?? 0) > (heartbeat.starts ?? Number.POSITIVE_INFINITY);
}

/** Whether the stored heartbeat is this one: the agent sends it again where the answer was lost. */
export function isRepeated(heartbeat: Heartbeat, stored: Heartbeat | null): boolean {
  return (
    stored?.bootId === heartbeat.bootId &&
    stored.starts === heartbeat.starts &&
    stored.sequence === heartbeat.sequence
  );
}

export async function isRefusedBoot(
  session: Session,
  applianceId: string,
  bootId: string,
): Promise<boolean> {
  const boot = await session
    .selectFrom("appliance_boots")
    .select("refused")
    .where("appliance_id", "=", applianceId)
    .where("boot_id", "=", bootId)
    .executeTakeFirst();
  return boot?.refused === 1;
}

/** Newest first. */
export async function listBoots(session: Session, applianceId: string): Promise<StoredBoot[]> {
  const rows = await session
    .selectFrom("appliance_boots")
    .selectAll()
    .where("appliance_id", "=", applianceId)
    .orderBy("last_seen_at", "desc")
    .execute();
  return rows.map((row) => ({
    bootId: row.boot_id,
    machine: row.machine,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    seenFrom: row.seen_from,
    addresses: row.addresses,
    refused: row.refused === 1,
  }));
}

export async function forgetBoots(session: Session, applianceId: string): Promise<void> {
  await session.deleteFrom("appliance_boots").where("appliance_id", "=", applianceId).execute();
  await session
    .updateTable("appliances")
    .set({ boot_id: null, boot_since: null, machine: null, starts: null, restored_at: null })
    .where("id", "=", applianceId)
    .execute();
}

function copyOf(
  a: Row<"appliance_boots">,
  b: Row<"appliance_boots">,
  enrolledMachine: string | null,
): Row<"appliance_boots"> {
  const isEnrolled = (boot: Row<"appliance_boots">) =>
    boot.machine !== null && boot.machine === enrolledMachine;
  if (isEnrolled(a) !== isEnrolled(b)) return isEnrolled(a) ? b : a;
  return a.first_seen_at > b.first_seen_at ? a : b;
}

async function updateBoot(
  session: Session,
  { appliance_id, boot_id }: Row<"appliance_boots">,
  change: Partial<Row<"appliance_boots">>,
): Promise<void> {
  await session
    .updateTable("appliance_boots")
    .set(change)
    .where("appliance_id", "=", appliance_id)
    .where("boot_id", "=", boot_id)
    .execute();
}

async function forgetOldest(
  session: Session,
  applianceId: string,
  boots: Row<"appliance_boots">[],
): Promise<void> {
  const old = boots
    .filter((boot) => boot.refused === 0)
    .sort((a, b) => b.last_seen_at - a.last_seen_at)
    .slice(mostBoots - 1);
  for (const { boot_id } of old)
    await session
      .deleteFrom("appliance_boots")
      .where("appliance_id", "=", applianceId)
      .where("boot_id", "=", boot_id)
      .execute();
}
