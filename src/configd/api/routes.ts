/**
 * Method, path and sockets of a verb. Routes are apart from the schemas in `api.ts`, so that clients
 * do not load TypeBox. File permissions decide who reaches which of the two sockets; a verb answers
 * only on the sockets that it names.
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
  keep: { method: "POST", path: "/trial/keep", sockets: consoleOnly },
  revert: { method: "POST", path: "/trial/revert", sockets: consoleOnly },
  extend: { method: "POST", path: "/trial/extend", sockets: consoleOnly },
  history: { method: "GET", path: "/history", sockets: consoleOnly },
  restore: { method: "POST", path: "/history/restore", sockets: consoleOnly },
  tryRemote: { method: "POST", path: "/trial/remote", sockets: agentOnly },
  confirmRemote: { method: "POST", path: "/trial/remote/confirm", sockets: agentOnly },
  recoverNetwork: { method: "POST", path: "/recovery/network", sockets: consoleOnly },
  factoryReset: { method: "POST", path: "/recovery/factory", sockets: consoleOnly },
  renew: { method: "POST", path: "/network/renew", sockets: consoleOnly },
  readZeroTouch: { method: "POST", path: "/zero-touch/read", sockets: consoleOnly },
  enrol: { method: "POST", path: "/enrolment", sockets: consoleOnly },
  enrolled: { method: "POST", path: "/enrolment/done", sockets: agentOnly },
  callNow: { method: "POST", path: "/agent/call", sockets: consoleOnly },
  consoleRequests: { method: "POST", path: "/agent/console-requests", sockets: agentOnly },
  agentStatus: { method: "POST", path: "/agent/status", sockets: agentOnly },
  logs: { method: "POST", path: "/logs", sockets: consoleOnly },
  runTool: { method: "POST", path: "/tools/run", sockets: consoleOnly },
  stopTool: { method: "POST", path: "/tools/stop", sockets: consoleOnly },
  captures: { method: "GET", path: "/captures", sockets: agentOnly },
  capture: { method: "POST", path: "/captures/one", sockets: agentOnly },
  volumes: { method: "GET", path: "/volumes", sockets: consoleOnly },
  certificateFiles: { method: "POST", path: "/volumes/certificates", sockets: consoleOnly },
  readVolume: { method: "POST", path: "/volumes/read", sockets: consoleOnly },
  supportBundle: { method: "POST", path: "/support-bundle", sockets: consoleOnly },
  firewallText: { method: "GET", path: "/firewall", sockets: both },
  saveFirewallText: { method: "POST", path: "/firewall/save", sockets: consoleOnly },
  sendSupportBundle: { method: "POST", path: "/support-bundle/send", sockets: consoleOnly },
  checkUpdates: { method: "POST", path: "/updates/check", sockets: consoleOnly },
  unlock: { method: "POST", path: "/lock/open", sockets: consoleOnly },
  setKeyboard: { method: "POST", path: "/keyboard", sockets: consoleOnly },
  setPin: { method: "POST", path: "/lock/pin", sockets: consoleOnly },
  stopScan: { method: "POST", path: "/scan/stop-one", sockets: consoleOnly },
  power: { method: "POST", path: "/power", sockets: both },
  doctor: { method: "POST", path: "/doctor", sockets: both },
  testTyped: { method: "POST", path: "/doctor/typed", sockets: consoleOnly },
  startShard: { method: "POST", path: "/scan/start", sockets: agentOnly },
  stopJob: { method: "POST", path: "/scan/stop", sockets: agentOnly },
  shards: { method: "POST", path: "/scan/shards", sockets: agentOnly },
  seal: { method: "POST", path: "/keys/seal", sockets: agentOnly },
  unseal: { method: "POST", path: "/keys/unseal", sockets: agentOnly },
  journal: { method: "POST", path: "/journal", sockets: agentOnly },
  networkReports: { method: "GET", path: "/network/reports", sockets: agentOnly },
  egressSeen: { method: "POST", path: "/egress/seen", sockets: agentOnly },
  egress: { method: "GET", path: "/egress", sockets: consoleOnly },
  decommission: { method: "POST", path: "/recovery/decommission", sockets: agentOnly },
} as const satisfies Record<string, Route>;

export type VerbName = keyof typeof routes;
