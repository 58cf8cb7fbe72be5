import { engines } from "../../../src/scan/engines/engines.ts";
import { readForAgent } from "../../../src/scan/read/reading.ts";
import { toy } from "./toy-engine.ts";

/** The reader's program with the toy engine beside the real ones. */
await readForAgent([...engines, toy], process.stdin, process.stdout);
