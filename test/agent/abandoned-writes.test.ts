import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { Agent } from "../../src/agent/start/agent.ts";
import { agentPaths } from "../../src/agent/start/paths.ts";
import { ContentFolder } from "../../src/agent/updates/content-folder.ts";
import { MetadataFolder } from "../../src/agent/updates/metadata-store.ts";
import { silentLog } from "../../src/base/log.ts";
import { systemRandom } from "../../src/base/random.ts";
import { exampleHost, exampleJob } from "../testkit/agent/scan-examples.ts";
import { openSpool } from "../testkit/agent/spool.ts";
import { FakeClock } from "../testkit/clock.ts";
import { FakeConfigd } from "../testkit/configd/fake-configd.ts";
import { folderFor } from "./spool-uploads.ts";

/** The temporary file that a killed process leaves beside its target. */
async function leaveHalf(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, ".0123456789ab.tmp"), "half");
}

const left = async (folder: string) =>
  (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".tmp"));

test("the spool removes the half-written files of a killed agent at the start, and does not count them", async (t) => {
  const path = await folderFor(t);
  const folder = await (await openSpool(path)).add(exampleJob, 1);
  await folder.writeParts(1, [exampleHost("192.0.2.1")]);
  const { usedBytes } = (await openSpool(path)).figures;
  for (const each of [path, join(path, "commands"), folder.path, join(folder.path, "parts")])
    await leaveHalf(each);
  const reopened = await openSpool(path);
  t.deepEqual(await left(path), []);
  t.is(reopened.figures.usedBytes, usedBytes);
  t.is(reopened.waitingParts, 1);
});

test("a starting agent removes half-written keys and records before it loads its identity", async (t) => {
  const root = await folderFor(t);
  const paths = agentPaths(root);
  for (const folder of [paths.identity, paths.spool]) await leaveHalf(folder);
  const settings = {
    hostname: "x",
    platformUrl: null,
    proxy: { kind: "none" as const },
    trustedCertificates: [],
    scanExclusions: [],
    scanDevice: null,
    mode: "single" as const,
    managementDevice: null,
    simulated: null,
  };
  const agent = new Agent({
    configuration: { settings, proxyPassword: null, activationCode: null },
    paths,
    configd: new FakeConfigd({ folder: join(root, "units"), environment: {} }),
    inventory: async () => null,
    clock: new FakeClock(),
    random: systemRandom,
    log: silentLog,
    softwareVersion: "1.0.0",
  });
  const stop = new AbortController();
  const running = agent.run(stop.signal);
  const { promise: isOut, resolve } = Promise.withResolvers<void>();
  agent.status.subscribe(() => agent.status.current.state === "not-enrolled" && resolve());
  await isOut;
  t.deepEqual(await left(root), []);
  stop.abort(new Error("SIGTERM"));
  await running;
});

test("the updates folder removes half-written lists and metadata at the start", async (t) => {
  const path = await folderFor(t);
  const metadata = join(path, "metadata");
  for (const folder of [path, metadata]) await leaveHalf(folder);
  await new MetadataFolder(metadata, null, () => true).open();
  t.deepEqual(await left(metadata), []);
  await new ContentFolder(path).open();
  t.deepEqual(await left(path), []);
});
