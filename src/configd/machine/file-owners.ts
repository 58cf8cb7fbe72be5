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
  /** The agent and the scans' group read and write. */
  scans: Owner;
  /** Root writes; the console's group may connect or read. */
  consoleGroup: Owner;
  agentGroup: Owner;
}

/**
 * The owners of files and sockets. Null without root, in tests and simulated runs: only root can
 * change owners, so everything stays with the process's user.
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
