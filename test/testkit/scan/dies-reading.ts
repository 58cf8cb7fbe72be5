import { ShardRunner } from "../../../src/agent/scan-jobs/shard-runner.ts";
import { diskFiles } from "../../../src/agent/spool/files.ts";
import { JobFolder } from "../../../src/agent/spool/job-folder.ts";
import { PartCipher } from "../../../src/agent/spool/part-cipher.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { systemRandom } from "../../../src/base/random.ts";
import { engines } from "../../../src/scan/engines/engines.ts";

/** `dies-reading.ts SCANS JOB-FOLDER SHARD`: an agent that an output ends while it reads it. */
const [scanFolder = "", path = "", shard = ""] = process.argv.slice(2);
const folder = await JobFolder.open(path, {
  files: diskFiles(),
  cipher: new PartCipher(new Uint8Array(32), systemRandom),
  room: async () => undefined,
});
if (!folder) throw new Error("there is no job");
const runner = new ShardRunner({
  configd: { call: () => Promise.reject(new Error("nothing is to be started")) },
  clock: systemClock,
  log: silentLog,
  scanFolder,
  engines,
  reader: {
    read: async () => {
      process.kill(process.pid, "SIGKILL");
      return await new Promise(() => undefined);
    },
  },
  readings: folder,
});
await runner.run(
  folder.job,
  JSON.parse(shard),
  { device: null, sharing: 1 },
  new AbortController().signal,
);
