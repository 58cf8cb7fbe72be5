import { join } from "node:path";
import { scanFolder } from "../../scan/files.ts";

/** The agent's files and folders. */
export interface AgentPaths {
  configuration: string;
  socket: string;
  data: string;
  identity: string;
  /** How long idle connections live, for the doctor. */
  idle: string;
  spool: string;
  scan: string;
  content: string;
  /** Where systemd starts readers of scan output; null where no systemd is. */
  reader: string | null;
}

/** @param root OUTRIDER_ROOT; empty on the appliance */
export function agentPaths(root: string): AgentPaths {
  const run = join(root, "/run/outrider");
  const data = join(root, "/data/outrider");
  return {
    configuration: join(run, "agent.json"),
    socket: join(run, "agent.sock"),
    data,
    identity: join(data, "identity"),
    idle: join(data, "identity/idle-connections.json"),
    spool: join(data, "spool"),
    scan: scanFolder(root),
    content: join(data, "content"),
    reader: root === "" ? join(run, "reader.sock") : null,
  };
}
