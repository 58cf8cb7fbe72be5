import { engines } from "../../../src/scan/engines/engines.ts";
import { runShardProcess } from "../../../src/scan/run/shard-process.ts";
import { toy } from "./toy-engine.ts";

/** The runner's program with the toy engine beside the real ones: `toy-main.ts JOB-SHARD`. */
await runShardProcess([...engines, toy], process.argv[2] ?? "", process.env);
