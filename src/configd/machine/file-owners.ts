import { geteuid } from "node:process";
import {
  agentUser as agent,
  consoleUser as consoles,
  scanUser as scan,
} from "../../network/users.ts";

export interface Owner {
  uid: number;
  gid: number;
}

export interface Owners {
  root: Owner;
  agent: Owner;
  /** Agent writes, the scan's group reads and writes. */
  scans: Owner;
  /** Root writes, the group may connect or read. */
  consoleGroup: Owner;
  agentGroup: Owner;
}

/**
 * Only root can give files away: elsewhere (tests, the simulated run) everything stays with who
 * runs it.
 */
export function applianceOwners(isRoot = geteuid?.() === 0): Owners | null {
  if (!isRoot) return null;
  return {
    root: { uid: 0, gid: 0 },
    agent: { uid: agent, gid: agent },
    scans: { uid: agent, gid: scan },
    consoleGroup: { uid: 0, gid: consoles },
    agentGroup: { uid: 0, gid: agent },
  };
}
