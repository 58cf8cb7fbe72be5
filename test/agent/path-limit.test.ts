import test from "ava";
import { PlatformAnswer, UnverifiedRefusal } from "../../src/agent/session/reply-errors.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import type { Port } from "../../src/protocol/schemas/results.ts";
import { ResultsInMemory } from "../testkit/agent/results-service.ts";
import { exampleEnd, exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { memoryFiles } from "../testkit/agent/spool-files.ts";
import { folderFor, never, sendInterrupted, uploader, wide } from "./spool-uploads.ts";

test("a part too large for the path is uploaded in halves, each host once, also when any request is interrupted", async (t) => {
  const hosts = Array.from({ length: 9 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000));
  for (let cutAt = 0; cutAt < 24; cutAt++) {
    const results = await sendInterrupted(await folderFor(t), hosts, {
      largestBytes: 26_000,
      cutAt,
    });
    t.like(results.completion, { state: "completed", lost: [] }, `cut at ${cutAt}`);
    t.deepEqual(results.addresses, hosts.map(({ address }) => address).sort(), `cut at ${cutAt}`);
    for (const { bytes } of results.parts.values()) t.true(bytes <= 26_000);
  }
});

test("a part written while another is halved gets a number of its own", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1"), exampleHost("192.0.2.2")]);
  const [whole] = folder.parts.waiting();
  if (!whole) throw new Error("nothing waits");
  await Promise.all([
    folder.writeParts(2, [exampleHost("192.0.2.3")]),
    folder.parts.halve(whole, { hosts: 2, ports: 0 }),
    folder.writeParts(3, [exampleHost("192.0.2.4")]),
  ]);
  t.deepEqual(
    folder.parts.waiting().map(({ number }) => number),
    [0, 1, 2, 3],
  );
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]);
});

test("a path that cuts large uploads instead of refusing them is detected, and everything is uploaded in halves", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  const hosts = Array.from({ length: 8 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000));
  await folder.writeParts(1, hosts);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  results.fault = (_, content) =>
    content.length > 26_000 ? new OutriderError("connect-reset") : null;
  const sending = uploader(spool, results);
  const first = await t.throwsAsync(sending.sendAll(never), { instanceOf: OutriderError });
  t.is(first?.code, "connect-reset", "once it may be the network's doing");
  for (let rounds = 0; results.completion === null && rounds < 6; rounds++)
    await sending.sendAll(never).catch(() => undefined);
  t.like(results.completion, { state: "completed", lost: [] });
  t.deepEqual(results.addresses, hosts.map(({ address }) => address).sort());
});

test("the limit is learnt: later parts are cut before they are refused", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  for (const shard of [1, 2, 3, 4])
    await folder.writeParts(
      shard,
      Array.from({ length: 8 }, (_, index) => wide(`192.0.${shard}.${index}`, 10_000)),
    );
  const results = new ResultsInMemory();
  let refusals = 0;
  results.fault = (_, content) =>
    content.length > 45_000 && ++refusals > 0 ? new OutriderError("path-upload-limit") : null;
  await uploader(spool, results).sendAll(never);
  t.is(results.addresses.length, 32);
  t.is(refusals, 1);
});

test("a part whose receipt was lost is not reported as lost when another part shows the path's limit meanwhile", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  for (const shard of [1, 2, 3])
    await folder.writeParts(shard, [
      wide(`192.0.2.${shard}1`, 10_000),
      wide(`192.0.2.${shard}2`, 10_000),
    ]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  results.fault = (number, content) =>
    number === 2 && content.length > 15_000 ? new OutriderError("path-upload-limit") : null;
  loseAnswers(results, [1]);
  const sending = uploader(spool, results);
  await t.throwsAsync(sending.sendAll(never), { instanceOf: OutriderError });
  await sending.sendAll(never);
  t.like(results.completion, { state: "completed", lost: [] });
  t.deepEqual(
    [...new Set(results.addresses)],
    ["11", "12", "21", "22", "31", "32"].map((end) => `192.0.2.${end}`),
  );
});

test("a part that was halved again and again while each receipt was lost is uploaded whole, also after a restart of the agent in between", async (t) => {
  const hosts = Array.from({ length: 8 }, (_, index) => wide(`192.0.2.${index + 1}`, 10_000));
  for (const taken of ["the whole", "its half", "its quarter"]) {
    for (let cutAt = 0; cutAt < 8; cutAt++) {
      const files = memoryFiles();
      const folder = await (await openSpool("/spool", { files })).add(exampleJob, 1);
      await folder.writeParts(1, hosts);
      await folder.writeCompletion(exampleEnd);
      const results = new ResultsInMemory();
      for (const each of ["the whole", "its half", "its quarter"]) {
        const [part] = folder.parts.waiting();
        const read = part && (await folder.parts.read(part));
        if (!part || !read) return t.fail();
        if (each === taken) await results.sendPart(folder, part.number, read, never);
        await folder.parts.halve(part, read.size());
      }
      cutOnce(results, cutAt);
      for (let rounds = 0; results.completion === null && rounds < 3; rounds++)
        await uploader(await openSpool("/spool", { files }), results)
          .sendAll(never)
          .catch(() => undefined);
      t.like(
        results.completion,
        { state: "completed", lost: [] },
        `${taken} was taken, cut at ${cutAt}`,
      );
      t.deepEqual([...new Set(results.addresses)], hosts.map(({ address }) => address).sort());
    }
  }
});

test("one host too large for the path is kept and reported with a code, the others are uploaded; once the limit is gone it is uploaded too", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1"), wide("192.0.2.2", 12_000)]);
  await folder.writeParts(2, [exampleHost("192.0.2.3")]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  results.fault = (_, content) =>
    content.length > 9000 ? new OutriderError("path-upload-limit") : null;
  const sending = uploader(spool, results);
  const error = await t.throwsAsync(sending.sendAll(never), { instanceOf: OutriderError });
  t.is(error?.code, "path-upload-limit");
  t.regex(error?.detail ?? "", /\d+ bytes was refused; the largest that passed had \d+/);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.3"]);
  t.is(results.completion, null);
  results.fault = null;
  await sending.sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  t.like(results.completion, { state: "completed", lost: [] });
});

test("a single host too large for the path is uploaded in slices of its ports, each port once, also when any request is interrupted", async (t) => {
  const port = (number: number): Port => ({
    protocol: "tcp",
    number,
    state: "open",
    reason: "syn-ack",
    service: { ...service, product: "x".repeat(180) },
  });
  const service = { name: "http", method: "probed" as const, confidence: 10, cpe: [] };
  const large = exampleHost("192.0.2.2", {
    ports: Array.from({ length: 100 }, (_, number) => port(number + 1)),
  });
  for (let cutAt = 0; cutAt < 12; cutAt++) {
    const results = await sendInterrupted(await folderFor(t), [exampleHost("192.0.2.1"), large], {
      largestBytes: 9000,
      cutAt,
    });
    t.like(results.completion, { state: "completed", lost: [] }, `cut at ${cutAt}`);
    const pieces = [...results.parts.values()]
      .flatMap(({ hosts }) => hosts)
      .filter(({ address }) => address === large.address);
    t.true(pieces.length >= 4 && pieces.every(({ partial }) => partial === true));
    t.deepEqual(
      pieces.flatMap(({ ports }) => ports.map(({ number }) => number)).sort((a, b) => a - b),
      large.ports.map(({ number }) => number),
      `cut at ${cutAt}`,
    );
  }
});

test("a host that is always refused as too large is kept, though it is far below the platform's limit, and all others are sent", async (t) => {
  const spool = await openSpool(await folderFor(t));
  const folder = await spool.add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1"), wide("192.0.2.2", 12_000)]);
  await folder.writeCompletion(exampleEnd);
  const results = new ResultsInMemory();
  for (const kind of [OutriderError, UnverifiedRefusal, PlatformAnswer]) {
    results.fault = (_, content) => (content.length > 9000 ? new kind("too-large") : null);
    const error = await t.throwsAsync(uploader(spool, results).sendAll(never));
    t.like(error, { code: "path-upload-limit" });
    t.deepEqual(results.addresses, ["192.0.2.1"]);
    t.deepEqual(folder.parts.lost(), []);
  }
  results.fault = null;
  await uploader(spool, results).sendAll(never);
  t.deepEqual(results.addresses, ["192.0.2.1", "192.0.2.2"]);
  t.is(results.completion?.state, "completed");
});

/** The platform stores each of these once, and its receipt is lost. */
function loseAnswers(results: ResultsInMemory, numbers: number[]): void {
  const send = results.sendPart;
  const unheard = new Set(numbers);
  results.sendPart = async (...given) => {
    const receipt = await send(...given);
    if (unheard.delete(given[1])) throw new OutriderError("service-silent");
    return receipt;
  };
}

/** One request, of whichever kind, does not come back. */
function cutOnce(results: ResultsInMemory, at: number): void {
  let requests = 0;
  const cutting =
    <Given extends unknown[], Answer>(request: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      const answer = await request(...given);
      if (requests++ === at) throw new OutriderError("service-silent");
      return answer;
    };
  results.sendPart = cutting(results.sendPart);
  results.listParts = cutting(results.listParts);
}
