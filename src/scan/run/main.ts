import { engines } from "../engines/engines.ts";
import { runShardProcess } from "./shard-process.ts";

/** The program of the unit outrider-scan@JOB-SHARD: `main.ts JOB-SHARD`. */
await runShardProcess(engines, process.argv[2] ?? "", process.env);
