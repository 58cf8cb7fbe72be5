import { engines } from "../engines/engines.ts";
import { readForAgent } from "./reading.ts";

/**
 * The program of outrider-reader@.service: reads what an engine left, from its standard input to its
 * standard output. What scanned hosts and a taken-over engine wrote is parsed here and not in the
 * agent, so that a file can cost no more than this process.
 */
process.stdin.once("error", () => process.exit(0));
process.stdout.once("error", () => process.exit(0));
await readForAgent(engines, process.stdin, process.stdout);
