import type { Room } from "./room.ts";

const base = "src/base/**";
const protocol = "src/protocol/**";
const settings = [
  "src/settings",
  "src/settings/model",
  "src/settings/values",
  "src/settings/checks",
];
const wires = [base, protocol];

const meets = "agent, doctor and platform meet only in the protocol";
const asks = "only configd touches the machine; the others ask its API";
const stages = "what reaches a URL must not know who wants to";

/** configd: the privileged daemon. */
const configdRooms: readonly Room[] = [
  {
    folder: "src/configd",
    what: "the privileged daemon: the only writer of settings and network, the only starter of units",
    imports: [base, ...settings, "src/settings/zero-touch", "src/network/**", "src/configd/*"],
    because: "configd serves agent, doctor and console without knowing them",
  },
  {
    folder: "src/configd/api",
    what: "its verbs, declared once, and the client",
    imports: [...wires, "src/settings/model", "src/settings/zero-touch"],
    because: "its clients load it, so it carries nothing of the daemon",
  },
  {
    folder: "src/configd/state",
    what: "the shapes of its own files",
    imports: [base, "src/configd/api", "src/settings/model", "src/settings/zero-touch"],
    because: "every part of configd reads them",
  },
  {
    folder: "src/configd/machine",
    what: "the ports `System` and `Tools`, and the real machine behind them",
    imports: [...wires, "src/configd/api", "src/configd/state", "src/network/**"].concat([
      "src/settings/model",
      "src/settings/zero-touch",
    ]),
    // What is typed goes through it to the doctor's standard input.
    types: ["src/settings"],
    because: "the machine does what it is told; what to do is decided above it",
  },
  {
    folder: "src/configd/kept",
    what: "saved settings, secrets, factory reset",
    imports: [base, ...settings, "src/configd/api", "src/configd/state", "src/configd/machine"],
    because: "what is kept does not depend on what is tried",
  },
  {
    folder: "src/configd/status",
    what: "the status document that everybody polls",
    imports: [...wires, ...settings, "src/configd/api", "src/configd/machine", "src/network/**"],
    because: "the status shows; it changes nothing",
  },
  {
    folder: "src/configd/trial",
    what: "proposal, trial, transaction, reverter, rendering",
    imports: [
      ...wires,
      ...settings,
      "src/network/**",
      "src/configd/api",
      "src/configd/state",
    ].concat(["src/configd/machine", "src/configd/kept"]),
    types: ["src/configd/status"],
    because: "the reverter runs this code without the daemon",
  },
  {
    folder: "src/configd/egress",
    what: "the ledger of every destination that was contacted",
    imports: [base, ...settings, "src/configd/api"],
    because: "the ledger takes down what others report",
  },
  {
    folder: "src/configd/zero-touch",
    what: "collects what hypervisor and volumes offer",
    imports: [base, "src/settings/model", "src/settings/zero-touch", "src/configd/api"].concat([
      "src/configd/state",
      "src/configd/machine",
    ]),
    because: "the collector runs as a unit of its own, without the daemon",
  },
  {
    folder: "src/configd/verbs",
    what: "server and handlers",
    // The firewall's text goes on a stick and into the support bundle.
    imports: [...wires, ...settings, "src/network/**", "src/scan", "src/configd/*"].concat([
      "src/firewall-request",
    ]),
    because: "a verb is carried out by configd's parts; it does no work of the agent",
  },
];

/** The agent: calls home. Its folders stand on one another from the records up to the start. */
const agentWork = ["schedule", "status", "identity", "session", "services", "spool"].map(
  (name) => `src/agent/${name}`,
);
const agentRooms: readonly Room[] = [
  {
    folder: "src/agent",
    what: "calls home: heartbeats, jobs, results, updates",
    imports: [base, "src/configd/api", "src/agent/*"],
    because: meets,
  },
  {
    folder: "src/agent/start",
    what: "puts the agent's parts together",
    imports: [...wires, "src/settings", "src/configd/api", "src/scan/**", "src/transport"].concat([
      "src/settings/values",
      "src/updates",
      "src/agent/*",
    ]),
    because: meets,
  },
  {
    folder: "src/agent/schedule",
    what: "when to call: jitter, back-off, spread",
    imports: [base],
    because: "times are computed without a clock",
    pure: true,
  },
  {
    folder: "src/agent/spool",
    what: "jobs and results on the disk until the platform confirms them",
    imports: wires,
    because: "what lies in the spool does not depend on who uses it",
  },
  {
    folder: "src/agent/status",
    what: "what the agent reports of itself to configd",
    imports: [...wires, "src/configd/api"],
    because: "every part of the agent reports to it",
  },
  {
    folder: "src/agent/identity",
    what: "device key, certificate, and whether the platform allows work",
    imports: [...wires, "src/configd/api", "src/agent/spool"],
    because: "sessions are made for an identity, not the other way round",
  },
  {
    folder: "src/agent/session",
    what: "signed requests, verified replies, the platform's clock",
    imports: [...wires, "src/transport", "src/agent/identity"],
    types: ["src/agent/status"],
    because: "a session carries requests without knowing what they ask for",
  },
  {
    folder: "src/agent/services",
    what: "the calls of each of the five services",
    imports: [...wires, "src/agent/session", "src/agent/identity"],
    types: ["src/transport"],
    because: "a service's calls are made by the loops, which decide when",
  },
  ...[
    ["call-home", "the heartbeat's loop"],
    ["enrolment", "an activation code for a certificate, and its renewal"],
    ["egress", "the destinations that the agent contacted"],
    ["command-jobs", "the platform's commands, one at a time"],
  ].map(([name = "", what = ""]) => ({
    folder: `src/agent/${name}`,
    what,
    imports: [...wires, "src/configd/api", ...agentWork],
    types: ["src/transport/**"],
    because: meets,
  })),
  {
    folder: "src/agent/health",
    what: "figures and inventory of the machine",
    imports: [...wires, "src/scan/**", "src/agent/status"],
    because: meets,
  },
  {
    folder: "src/agent/updates",
    what: "fetches and verifies content by TUF, and offers it to its consumers",
    imports: [...wires, "src/configd/api", "src/updates/**", ...agentWork],
    because: meets,
  },
  {
    folder: "src/agent/scan-jobs",
    what: "scan jobs from plan to upload",
    imports: [...wires, "src/configd/api", "src/scan/**", ...agentWork],
    because: meets,
  },
  {
    folder: "src/agent/job-poll",
    what: "the long poll for jobs",
    imports: [...wires, ...agentWork],
    types: ["src/agent/scan-jobs", "src/agent/command-jobs"],
    because: "the poll hands jobs over; it runs none",
  },
];

export const applianceRooms: readonly Room[] = [
  ...configdRooms,
  ...agentRooms,
  {
    folder: "src/network",
    what: "settings to netplan, nftables, resolved; live interfaces",
    imports: [base, "src/settings/model", "src/network/networkctl"],
    because: "configd decides; this renders and reads",
  },
  {
    folder: "src/network/networkctl",
    what: "what networkctl prints",
    imports: [base],
    because: "configd decides; this renders and reads",
  },
  {
    folder: "src/network/routing",
    what: "policy rules and guards as the kernel has them",
    imports: [base, "src/network"],
    because: "configd decides; this renders and reads",
  },
  {
    folder: "src/transport",
    what: "the way out of the settings, and HTTP over it",
    imports: [base, "src/settings/model", "src/transport/*"],
    because: stages,
  },
  {
    folder: "src/transport/wire",
    what: "reads what a peer sends, within limits",
    imports: [base],
    because: stages,
  },
  {
    folder: "src/transport/stages",
    what: "resolve, connect, TLS",
    imports: [base, "src/transport/wire"],
    because: stages,
  },
  {
    folder: "src/transport/proxy",
    what: "proxies, and what they ask for",
    imports: [base, "src/settings/model", "src/transport/wire", "src/transport/stages"],
    because: stages,
  },
  {
    folder: "src/transport/routes",
    what: "which proxy leads to a host, and what is remembered of it",
    imports: [base, "src/transport/wire", "src/transport/stages", "src/transport/proxy"],
    because: stages,
  },
  {
    folder: "src/transport/pac",
    what: "PAC files, in a process of their own",
    imports: [base, "src/transport/wire", "src/transport/stages"].concat([
      "src/transport/proxy",
      "src/transport/routes",
    ]),
    because: stages,
  },
  {
    folder: "src/doctor",
    what: "finds the part of the path that is wrong",
    imports: [...wires, ...settings, "src/network", "src/transport/**", "src/configd/api"].concat([
      "src/doctor/*",
    ]),
    because: meets,
  },
  {
    folder: "src/doctor/*",
    what: "its checks, a file each",
    imports: [...wires, ...settings, "src/network", "src/transport/**", "src/doctor/*"],
    because: meets,
  },
  {
    folder: "src/tools",
    what: "the operator's tools: ping, look-up, trace, TLS, capture, in a unit of their own",
    imports: [...wires, "src/transport/**", "src/configd/api", "src/tools/*"],
    because: meets,
  },
  {
    folder: "src/tools/*",
    what: "a folder a tool, and how programs are run for them",
    imports: [...wires, "src/transport/**", "src/configd/api", "src/tools/*"],
    because: meets,
  },
  {
    folder: "src/scan",
    what: "the engines' seam, plans, the runner in the unit",
    imports: wires,
    because: "an engine is behind src/scan/engine.ts, and nobody in front of it names one",
  },
  {
    folder: "src/scan/*",
    what: "nmap, the list of engines, the runner",
    imports: [...wires, "src/scan", "src/scan/*"],
    because: "a scan runs in a unit of its own with a plan, and knows nobody",
  },
  {
    folder: "src/updates",
    what: "the interface of what uses fetched content, and the driver from verify to activate",
    imports: wires,
    because: "the agent fetches and verifies; a consumer gets files",
  },
  {
    folder: "src/firewall-request",
    what: "what a firewall must allow, as text for its administrator",
    imports: [base, "src/settings/model", "src/settings/values", "src/configd/api"].concat([
      "src/transport/proxy",
    ]),
    because: "console and command line print it out of the status",
    pure: true,
  },
  {
    folder: "src/cli",
    what: "`outrider` on the command line",
    imports: [...wires, "src/settings/**", "src/configd/api", "src/firewall-request"],
    because: asks,
  },
  {
    folder: "src/simulation",
    what: "a described machine behind configd's port `System`: dry run, `npm start` without root",
    // The doctor's own checks run over it, so that codes, words and order come from one place.
    imports: [
      ...wires,
      "src/settings/**",
      "src/network/**",
      "src/configd/**",
      "src/scan/**",
    ].concat(["src/doctor/**", "src/transport/**"]),
    because: "it stands in for the machine, for nothing else",
  },
  {
    folder: "src/simulation/machines",
    what: "described machines, a JSON file each",
    imports: [],
    because: "they are no code",
  },
];
