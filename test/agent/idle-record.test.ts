import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { IdleRecord } from "../../src/agent/start/idle-record.ts";
import { silentLog } from "../../src/base/log.ts";
import { validators } from "../../src/doctor/validators.ts";
import type { IdleLife } from "../../src/transport/idle-connections.ts";

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "outrider-idle-"));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

const life = (livedMs: number): IdleLife => ({
  route: "proxy.example.org:3128",
  livedMs,
  endedMs: null,
  forgottenMs: 300_000,
});

test("the doctor reads the newest of what the agent has learnt", async (t) => {
  const file = join(await folderFor(t), "idle-connections.json");
  const record = new IdleRecord(file, silentLog);
  for (const seconds of [10, 20, 30]) record.keep([life(seconds * 1000)]);
  await record.settled();
  t.deepEqual(validators.KnownIdle(JSON.parse(await readFile(file, "utf8"))), {
    valid: true,
    value: [life(30_000)],
  });
});

test("what an earlier run of the agent learnt is dropped", async (t) => {
  const file = join(await folderFor(t), "idle-connections.json");
  await writeFile(file, JSON.stringify([life(1000)]));
  await new IdleRecord(file, silentLog).settled();
  await t.throwsAsync(stat(file), { code: "ENOENT" });
});

test("a folder that cannot be written costs the agent nothing", async (t) => {
  const record = new IdleRecord(join(await folderFor(t), "missing/idle.json"), silentLog);
  record.keep([life(1000)]);
  await t.notThrowsAsync(record.settled());
});
