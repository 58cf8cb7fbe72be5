import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Spool } from "../spool/spool.ts";
import type { StatusStore } from "../status/status-store.ts";

export interface SpoolStatusParts {
  spool: Pick<Spool, "waitingParts" | "figures">;
  status: StatusStore;
  clock: Clock;
  log: Log;
}

/** Shows the spool's figures in the status, and logs when the spool becomes full. */
export function showSpool({ spool, status, clock, log }: SpoolStatusParts): void {
  const spooledParts = spool.waitingParts;
  const { full, ...figures } = spool.figures;
  const shown = status.current.spool;
  const wasFull = (shown?.failure ?? null) !== null;
  // Each receipt changes the bytes a little: that alone is not worth an update of the status.
  if (shown && spooledParts === status.current.spooledParts && wasFull === full) return;
  if (full && !wasFull)
    log.warning("spool full; no new jobs are taken", { code: "spool-full", ...figures });
  const failure = full
    ? (shown?.failure ?? { code: "spool-full", detail: "", at: clock.nowMs() })
    : null;
  status.update({ spooledParts, spool: { ...figures, failure } });
}
