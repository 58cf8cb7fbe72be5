import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { PartCipher } from "../../src/agent/spool/part-cipher.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { folderFor, never, uploader, wide } from "./spool-uploads.ts";

test("parts are stored encrypted, each bound to its number: a moved or exchanged part is not accepted", async (t) => {
  const path = await folderFor(t);
  const spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.77", { hostnames: ["secret-host.example"] })]);
  await folder.writeParts(2, [exampleHost("192.0.2.78")]);
  const parts = join(folder.path, "parts");
  const [first = "", second = ""] = (await readdir(parts)).sort();
  for (const name of [first, second])
    t.notRegex((await readFile(join(parts, name))).toString("latin1"), /192\.0\.2|secret-host/);
  await rename(join(parts, first), join(parts, "swap"));
  await rename(join(parts, second), join(parts, first));
  await rename(join(parts, "swap"), join(parts, second));
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, []);
  t.like(results.completion, { state: "incomplete", partCount: 2, lost: [0, 1] });
});

test("a stored part that is cut or changed at any byte is noticed, and so is another appliance's key", (t) => {
  const cipher = new PartCipher(new Uint8Array(32).fill(1), systemRandom);
  const place = { jobId: exampleJob.id, attempt: 1, number: 3 };
  const content = Buffer.from(JSON.stringify({ hosts: ["192.0.2.1"] }));
  const sealed = cipher.seal(content, place);
  t.deepEqual(cipher.open(sealed, place), content);
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    t.is(cipher.open(changed, place), null);
    t.is(cipher.open(sealed.subarray(0, at), place), null);
  }
  t.is(cipher.open(sealed, { ...place, number: 4 }), null);
  t.is(cipher.open(sealed, { ...place, attempt: 2 }), null);
  t.is(new PartCipher(new Uint8Array(32).fill(2), systemRandom).open(sealed, place), null);
});

test("a part whose file vanished is reported as lost with its addresses, and the job ends", async (t) => {
  const path = await folderFor(t);
  const spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeShardsOf("ports", {
    shards: [1, 2].map((shard) => ({
      shard,
      phase: "ports" as const,
      targets: [`192.0.2.${shard}`, "192.0.2.9"],
      addresses: 2,
    })),
  });
  for (const shard of [1, 2]) {
    await folder.writeParts(shard, [exampleHost(`192.0.2.${shard}`)]);
    const record = {
      shard,
      outcome: "done" as const,
      reason: "",
      up: [],
      addresses: 2,
      openPorts: 0,
      timedOut: [],
      engineVersion: "1",
    };
    await folder.writeShard(record);
  }
  await rm(join(folder.path, "parts", "1-2-0"));
  const reopened = await openSpool(path);
  const again = reopened.find(exampleJob);
  await again?.writeParts(3, [exampleHost("192.0.2.3")]);
  await again?.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  await uploader(reopened, results).sendAll(never);
  t.deepEqual(
    results.addresses,
    ["192.0.2.1", "192.0.2.3"],
    "the number of the vanished part is not given out again",
  );
  t.like(results.completion, { state: "incomplete", partCount: 3, lost: [1] });
  t.is(results.completion?.problems[0]?.code, "storage-damaged");
  t.deepEqual(reopened.jobs(), []);
});

test("a part that lost the list of its slices is sent whole again, and no host is missing", async (t) => {
  const path = await folderFor(t);
  const spool = await openSpool(path);
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(
    1,
    Array.from({ length: 4 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000)),
  );
  const results = new ResultsInMemory();
  results.fault = (_, content) =>
    content.length > 25_000 ? new OutriderError("path-upload-limit") : null;
  const [whole] = folder.parts.waiting();
  if (!whole) return t.fail();
  await folder.parts.halve(whole, { hosts: 4, ports: 0 });
  const [half] = folder.parts.waiting();
  const content = half && (await folder.parts.read(half));
  if (!half || !content) return t.fail();
  await folder.parts.accept(half, await results.sendPart(folder, half.number, content, never));
  await writeFile(join(folder.path, "slices", "0.json"), "cut");
  const reopened = await openSpool(path);
  await reopened.find(exampleJob)?.writeCompletion(exampleEnd);
  await uploader(reopened, results).sendAll(never);
  t.deepEqual(
    [...new Set(results.addresses)],
    ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
  );
  t.like(results.completion, { state: "completed" });
});
