import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { VerbName, VerbReply, VerbRequest } from "../api/api.ts";
import type { AppliancePaths } from "../api/paths.ts";
import type { EgressLedger } from "../egress/ledger.ts";
import type { SavedSettings } from "../kept/saved-settings.ts";
import type { System } from "../machine/system.ts";
import type { LiveStatus } from "../status/live-status.ts";
import type { StatusStore } from "../status/status-store.ts";
import type { Transaction } from "../trial/transaction.ts";
import type { Trials } from "../trial/trials.ts";
import type { ZeroTouch } from "../zero-touch/zero-touch.ts";
import type { ConsoleRequests } from "./console-requests.ts";

/** A function for each verb; `signal` aborts when the caller hangs up or configd ends. */
export type Handlers = {
  [Name in VerbName]: (request: VerbRequest<Name>, signal: AbortSignal) => Promise<VerbReply<Name>>;
};

/** The parts of configd that handlers work with. */
export interface HandlerParts {
  system: System;
  paths: AppliancePaths;
  kept: SavedSettings;
  store: StatusStore;
  live: LiveStatus;
  trials: Trials;
  transaction: Transaction;
  zeroTouch: ZeroTouch;
  requests: ConsoleRequests;
  ledger: EgressLedger;
  clock: Clock;
  log: Log;
  /** Reads the saved settings again and publishes the status; every change ends with it. */
  onSettingsChanged: () => Promise<void>;
}
