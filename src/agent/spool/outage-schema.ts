import { type Static, Type } from "@sinclair/typebox";
import { Outage } from "../../protocol/schemas/health.ts";

/** spool/outage.json: the last outage. It stays after it was reported, as the last cause. */
export const SpooledOutage = Type.Object({
  outage: Outage,
  /** The platform has answered a heartbeat with it. */
  reported: Type.Boolean(),
});
export type SpooledOutage = Static<typeof SpooledOutage>;
