import type { System } from "./system.ts";
import { agentUnit } from "./units.ts";

/** Has the agent call home and fetch the console's requests now; starts it when it does not run. */
export async function callAgent(system: System): Promise<void> {
  if (!(await callRunningAgent(system))) await system.restartUnit(agentUnit);
}

/** Signals the agent to call home; false when it does not run. */
export async function callRunningAgent(system: System): Promise<boolean> {
  const [unit] = await system.units(agentUnit);
  if (unit?.activeState !== "active") return false;
  await system.signalUnit(agentUnit, "SIGUSR2");
  return true;
}
