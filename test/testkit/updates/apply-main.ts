import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { contentSet } from "../../../src/updates/consumer.ts";
import { UpdateDriver } from "../../../src/updates/driver.ts";
import { fetchedFile, pathIn } from "./files.ts";
import { PackConsumer } from "./pack-consumer.ts";

/**
 * `apply-main.ts FOLDER TEXT [MOMENT]`: applies a pack with this text and ends, or is killed at that
 * moment. Without a text it only goes on with what was begun.
 */
const [folder = "", text = "", moment = ""] = process.argv.slice(2);
const stop = new AbortController();
const consumer = new PackConsumer(folder, (reached) => {
  if (reached === moment) process.kill(process.pid, "SIGKILL");
});
let opened = false;
const driver = new UpdateDriver({
  consumer,
  folder: `${folder}/consumers`,
  pathOf: pathIn(folder),
  clock: systemClock,
  log: silentLog,
  changed: () => {
    opened = true;
  },
});
const offered = text === "" ? null : contentSet("signatures", [await fetchedFile(folder, text)]);
if (offered) driver.offer(offered);
const running = driver.run(stop.signal);
for (let settled = false; !settled; ) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  // Before the record is read from the disk, nothing pending is known.
  if (!opened) continue;
  const { active } = await consumer.state();
  const { pending, refused } = driver.state;
  settled =
    pending === null &&
    (offered === null || active === offered.id || refused?.set.id === offered.id);
}
stop.abort();
await running;
