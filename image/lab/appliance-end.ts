export interface ProcessExit {
  exitCode: number;
  /** Number of the signal that ended the process, where its starter knows it. */
  signal?: number | null | undefined;
}

/** How a run of the appliance ended: what a hypervisor would do next depends on it. */
export type ApplianceEnd = "restart" | "off" | "crash";

/**
 * With --keep-unit systemd-nspawn ends with this code when the container restarts, and leaves the
 * start to whoever runs it (systemd.service(5), RestartForceExitStatus=, as systemd-nspawn@.service
 * has it).
 */
const rebootCode = 133;

/** From the end of systemd-nspawn. */
export function containerEnd({ exitCode, signal }: ProcessExit): ApplianceEnd {
  if (signal) return "crash";
  if (exitCode === rebootCode) return "restart";
  return exitCode === 0 ? "off" : "crash";
}

/** From the end of a process that restarts its machine by itself: QEMU, and a dry run. */
export function machineEnd({ exitCode, signal }: ProcessExit): ApplianceEnd {
  return exitCode === 0 && !signal ? "off" : "crash";
}
