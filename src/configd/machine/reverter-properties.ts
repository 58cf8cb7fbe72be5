/**
 * The properties of the unit that takes a change of the network back when nobody confirms it: those of
 * outrider-configd.service, whose work it does when configd cannot (test/configd/sandbox.test.ts).
 */
export const reverterProperties: readonly string[] = [
  "UMask=0027",
  "MemoryMax=400M",
  "TasksMax=200",
  "CapabilityBoundingSet=CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_DAC_OVERRIDE CAP_SYS_ADMIN CAP_NET_ADMIN CAP_KILL",
  "NoNewPrivileges=yes",
  "ProtectSystem=strict",
  "ReadWritePaths=/data/outrider /etc /run/outrider /run/netplan /run/systemd",
  "ProtectHome=yes",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "SystemCallFilter=@system-service sethostname",
  "SystemCallErrorNumber=EPERM",
];
