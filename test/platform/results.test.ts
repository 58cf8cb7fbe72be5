import test from "ava";
import {
  completion,
  observation,
  partContent,
  partPath,
  sha256,
  type TestAppliance,
} from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(() => platform.remove());

async function runningScan(): Promise<{
  appliance: TestAppliance;
  job: { id: string; attempt: number };
}> {
  const appliance = await enrolAt(platform);
  const { id } = await platform.api.startScan({
    applianceId: appliance.id,
    targets: ["192.0.2.0/24"],
  });
  await appliance.jobs();
  const job = { id, attempt: 1 };
  await appliance.acknowledge(job);
  return { appliance, job };
}

const errorOf = (body: unknown) =>
  typeof body === "object" && body !== null && "error" in body ? body.error : undefined;

test("parts are stored with receipts, hosts come in the order of their addresses, and completion ends the scan", async (t) => {
  const { appliance, job } = await runningScan();
  const first = await appliance.upload(job, 0, [
    observation("192.0.2.100", [80, 443]),
    observation("192.0.2.9"),
  ]);
  t.is(
    first.sha256,
    sha256(partContent(job, 0, [observation("192.0.2.100", [80, 443]), observation("192.0.2.9")])),
  );
  t.like(await platform.api.scan(job.id), { state: "running", hostCount: 2, openPortCount: 3 });
  const second = await appliance.upload(job, 1, [observation("192.0.2.20")]);
  t.deepEqual(
    (await appliance.parts(job)).parts.map(({ number }) => number),
    [0, 1],
  );
  await appliance.complete(job, [first.sha256, second.sha256]);
  t.like(await platform.api.scan(job.id), {
    state: "completed",
    percent: 100,
    hostCount: 3,
    openPortCount: 4,
  });
  t.deepEqual(
    (await platform.api.results(job.id)).map(({ address }) => address),
    ["192.0.2.9", "192.0.2.20", "192.0.2.100"],
  );
  t.deepEqual(
    (await platform.api.results(job.id))[0],
    observation("192.0.2.9"),
    "nothing of an observation is lost",
  );
  t.true((await appliance.parts(job)).complete);
  t.deepEqual((await appliance.jobs()).jobs, []);
});

test("the same part again gives the same receipt and counts once", async (t) => {
  const { appliance, job } = await runningScan();
  const receipts = await Promise.all(
    [1, 2, 3].map(() => appliance.upload(job, 0, [observation("192.0.2.1")])),
  );
  t.is(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size, 1);
  t.like(await platform.api.scan(job.id), { hostCount: 1, openPortCount: 1 });
});

test("another content under the same number is refused", async (t) => {
  const { appliance, job } = await runningScan();
  await appliance.upload(job, 0, [observation("192.0.2.1")]);
  const answer = await appliance.call(
    "results",
    "PUT",
    partPath(job, 0),
    partContent(job, 0, [observation("192.0.2.2")]),
  );
  t.is(answer.status, 409);
  t.like(errorOf(answer.body), { code: "part-conflict" });
  t.true(answer.verification.ok);
  t.deepEqual(
    (await platform.api.results(job.id)).map(({ address }) => address),
    ["192.0.2.1"],
  );
});

test("a host in two parts counts once, as it was seen last", async (t) => {
  const { appliance, job } = await runningScan();
  await appliance.upload(job, 0, [observation("192.0.2.1", [22])]);
  await appliance.upload(job, 1, [observation("192.0.2.1", [22, 80])]);
  t.like(await platform.api.scan(job.id), { hostCount: 1, openPortCount: 2 });
});

test("a host that comes in pieces is put together, whatever the order, and a piece that comes twice changes nothing", async (t) => {
  const { appliance, job } = await runningScan();
  const piece = (ports: number[]) => observation("192.0.2.1", ports, { partial: true });
  await appliance.upload(job, 0, [piece([80, 443])]);
  await appliance.upload(job, 1, [piece([22])]);
  await appliance.upload(job, 1, [piece([22])]);
  const hosts = await platform.api.results(job.id);
  t.deepEqual(
    hosts.map(({ address, ports, partial }) => [
      address,
      ports.map(({ number }) => number),
      partial,
    ]),
    [["192.0.2.1", [22, 80, 443], undefined]],
  );
  t.like(await platform.api.scan(job.id), { hostCount: 1, openPortCount: 3 });
});

test("completion names what is missing and is taken when all is there; again, it gives the same receipt", async (t) => {
  const { appliance, job } = await runningScan();
  const first = await appliance.upload(job, 0, [observation("192.0.2.1")]);
  const lost = partContent(job, 1, [observation("192.0.2.2")]);
  const answer = await appliance.call(
    "results",
    "POST",
    `/jobs/${job.id}/attempts/1/completion`,
    completion([first.sha256, sha256(lost)]),
  );
  t.is(answer.status, 409);
  t.like(errorOf(answer.body), { code: "parts-missing", detail: "1" });
  t.is((await platform.api.scan(job.id)).state, "running");
  const second = await appliance.upload(job, 1, lost.hosts);
  const receipts = [
    await appliance.complete(job, [first.sha256, second.sha256]),
    await appliance.complete(job, [first.sha256, second.sha256]),
  ];
  t.deepEqual(receipts[0], receipts[1]);
});

test("an incomplete or failed scan is shown as such, with its problems", async (t) => {
  const { appliance, job } = await runningScan();
  await appliance.complete(job, [], {
    state: "incomplete",
    problems: [{ code: "scan-incomplete", detail: "192.0.2.7 took too long" }],
  });
  t.like(await platform.api.scan(job.id), {
    state: "incomplete",
    completion: { problems: [{ code: "scan-incomplete" }] },
  });
});

test("another appliance's job, an attempt that never was, and a part whose content does not match its address are refused", async (t) => {
  const { appliance, job } = await runningScan();
  const other = (await runningScan()).appliance;
  t.is((await other.call("results", "PUT", partPath(job, 0), partContent(job, 0, []))).status, 404);
  t.is((await other.call("results", "GET", `/jobs/${job.id}/attempts/1/parts`)).status, 404);
  t.is(
    (
      await appliance.call(
        "results",
        "PUT",
        partPath({ ...job, attempt: 2 }, 0),
        partContent({ ...job, attempt: 2 }, 0, []),
      )
    ).status,
    404,
  );
  t.is(
    (await appliance.call("results", "PUT", partPath(job, 0), partContent(job, 1, []))).status,
    422,
  );
  t.is(
    (
      await appliance.call(
        "results",
        "PUT",
        partPath(job, 1_000_000),
        partContent(job, 1_000_000, []),
      )
    ).status,
    422,
    "not 404, which would mean that the whole job is gone",
  );
});

test("a large part is taken up to eight megabytes, and refused above", async (t) => {
  const { appliance, job } = await runningScan();
  const many = Array.from({ length: 2000 }, (_, index) =>
    observation(`198.51.${100 + Math.floor(index / 250)}.${index % 250}`, [22, 80, 443]),
  );
  const receipt = await appliance.upload(job, 0, many);
  await appliance.complete(job, [receipt.sha256]);
  t.like(await platform.api.scan(job.id), { hostCount: 2000, openPortCount: 6000 });
  const answer = await appliance.call("results", "PUT", partPath(job, 1), {
    padding: "x".repeat(8 * 1024 * 1024),
  });
  t.is(answer.status, 413);
  t.like(errorOf(answer.body), { code: "too-large" });
  t.not(
    answer.headers.connection,
    "close",
    "closed before the body was read, the connection could lose the answer",
  );
});
