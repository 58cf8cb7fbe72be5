import type { Engine } from "../engine.ts";
import { nmap } from "../nmap/nmap.ts";

/**
 * The engines of the appliance. The first one that can do a phase does it, unless the job names
 * another. The inventory reports the first one.
 */
export const engines: readonly [Engine, ...Engine[]] = [nmap];
