/** The private folders of configd and the agent, and the journal. */
const hidden = ["settings", "secrets", "host", "identity", "spool", "scan", "content"];

export interface SandboxWishes {
  /** Absent: root. */
  user?: string;
  /** Kept capabilities; a user other than root gets them as ambient ones. */
  capabilities?: readonly string[];
  families: readonly string[];
  /** Of `hidden` and the sockets in /run/outrider: those that the program needs. */
  shown?: readonly string[];
  memoryMb: number;
  mostTasks: number;
  /** Beside @system-service. */
  systemCalls?: readonly string[];
  /** ProtectClock= implies DeviceAllow=, and with it that no other device can be used. */
  usesDevices?: boolean;
}

/**
 * The properties of a transient unit (systemd.exec(5)) that has only what its program needs, for
 * systemd-run. Node's compiler makes code at run time, so MemoryDenyWriteExecute= is not among them.
 */
export function sandbox(wishes: SandboxWishes): string[] {
  const {
    user,
    capabilities = [],
    families,
    shown = [],
    systemCalls = [],
    usesDevices = false,
  } = wishes;
  const kept = capabilities.join(" ");
  const closed = hidden.filter((name) => !shown.includes(name));
  return [
    ...(user === undefined ? [] : [`User=${user}`, `Group=${user}`, `AmbientCapabilities=${kept}`]),
    `CapabilityBoundingSet=${kept}`,
    "NoNewPrivileges=yes",
    "UMask=0077",
    `MemoryMax=${wishes.memoryMb}M`,
    `TasksMax=${wishes.mostTasks}`,
    "LimitCORE=0",
    "ProtectSystem=strict",
    `InaccessiblePaths=${closed.map((name) => `-/data/outrider/${name}`).join(" ")} -/data/journal`,
    ...(shown.includes("sockets")
      ? []
      : ["InaccessiblePaths=-/run/outrider/console.sock -/run/outrider/agent.sock"]),
    "ProtectHome=yes",
    "PrivateTmp=yes",
    ...(usesDevices ? [] : ["PrivateDevices=yes", "ProtectClock=yes"]),
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "RemoveIPC=yes",
    `RestrictAddressFamilies=${families.join(" ")}`,
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    `SystemCallFilter=${["@system-service", ...systemCalls].join(" ")}`,
    ...(systemCalls.length === 0 ? ["SystemCallFilter=~@privileged @resources"] : []),
    "SystemCallErrorNumber=EPERM",
  ];
}
