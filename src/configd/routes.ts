/**
 * Where each verb of configd lives. Apart from the schemas in `api.ts`, so that clients carry no TypeBox. The two sockets are told
 * apart by file permissions; a verb answers only on those that it names.
 */
export interface Route {
  method: "GET" | "POST";
  path: `/${string}`;
  sockets: readonly SocketName[];
}

export type SocketName = "console" | "agent";

const both = ["console", "agent"] as const;
const consoleOnly = ["console"] as const;
const agentOnly = ["agent"] as const;

export const routes = {
  status: { method: "GET", path: "/status", sockets: both },
  review: { method: "POST", path: "/review", sockets: consoleOnly },
  try: { method: "POST", path: "/trial", sockets: consoleOnly },
  keep: { method: "POST", path: "/trial/keep", sockets: both },
  revert: { method: "POST", path: "/trial/revert", sockets: consoleOnly },
  extend: { method: "POST", path: "/trial/extend", sockets: consoleOnly },
  enrol: { method: "POST", path: "/enrolment", sockets: consoleOnly },
  enrolled: { method: "POST", path: "/enrolment/done", sockets: agentOnly },
  callNow: { method: "POST", path: "/agent/call", sockets: consoleOnly },
  agentStatus: { method: "POST", path: "/agent/status", sockets: agentOnly },
  power: { method: "POST", path: "/power", sockets: both },
  doctor: { method: "POST", path: "/doctor", sockets: both },
  startShard: { method: "POST", path: "/scan/start", sockets: agentOnly },
  stopJob: { method: "POST", path: "/scan/stop", sockets: agentOnly },
  shards: { method: "POST", path: "/scan/shards", sockets: agentOnly },
} as const satisfies Record<string, Route>;
