import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import anyTest, { type TestFn } from "ava";
import { credentialText } from "../../src/base/credential.ts";
import type { HostObservation } from "../../src/protocol/schemas/results.ts";
import type { AgentConfiguration } from "../../src/settings/agent-configuration.ts";
import { defaultHttpProxy } from "../../src/settings/model/schema.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";
import { startProxy } from "../testkit/proxies/proxy.ts";
import { ApplianceProcess, type Described, until } from "./appliance-process.ts";

const test = anyTest as TestFn<{ platform: TestPlatform }>;

const targets: Described[] = [
  ...Array.from({ length: 20 }, (_, index) => ({
    address: `192.0.2.${index + 10}`,
    ports: [
      { number: 22, service: "ssh", product: "OpenSSH", version: "9.2p1" },
      { number: 80, service: "http", product: "nginx", version: "1.22.1" },
    ],
  })),
  { address: "192.0.2.99", ports: [] },
];

test.before(async (t) => {
  t.context.platform = await startPlatform();
});
test.after.always(async (t) => {
  await t.context.platform?.remove();
});

function seen(hosts: readonly HostObservation[]): string[] {
  return hosts
    .map(
      ({ address, ports }) =>
        `${address} ${ports.map(({ number, state, service }) => `${number}/${state}/${service?.product}`).join(",")}`,
    )
    .sort();
}

const expected = targets
  .map(
    ({ address, ports }) =>
      `${address} ${ports.map(({ number, product }) => `${number}/open/${product}`).join(",")}`,
  )
  .sort();

async function enrolled(
  platform: TestPlatform,
  name: string,
  configuration: Partial<AgentConfiguration> = {},
  proxyPassword: string | null = null,
) {
  const { code } = await platform.api.makeCode(name);
  const appliance = await ApplianceProcess.create(
    { platformUrl: platform.url, ...configuration },
    code,
    targets,
  );
  if (proxyPassword !== null)
    await writeFile(
      join(appliance.root, "credentials/proxy-password"),
      credentialText(proxyPassword),
    );
  appliance.start();
  const status = await appliance.untilStatus(({ state }) => state === "connected", "connected");
  if (status.applianceId === null) throw new Error("connected without an id");
  return { appliance, applianceId: status.applianceId };
}

const scan = (applianceId: string) => ({
  applianceId,
  targets: ["192.0.2.0/24"],
  exclusions: ["192.0.2.1"],
  profile: "normal" as const,
});

test("an appliance enrols, takes a scan job, and its results arrive unchanged", async (t) => {
  const { platform } = t.context;
  const { appliance, applianceId } = await enrolled(platform, "first");
  t.teardown(() => appliance.remove());
  const started = await platform.api.startScan(scan(applianceId));
  const ended = await until(async () => {
    const view = await platform.api.scan(started.id);
    return view.state === "completed" ? view : null;
  }, "the scan's end");
  t.like(ended, { state: "completed" });
  t.deepEqual(seen(await platform.api.results(started.id)), expected);
  const status = await appliance.untilStatus(
    ({ lastScan }) => lastScan?.uploaded === true,
    "the last scan",
  );
  t.like(status.lastScan, { state: "completed", hostsUp: 21, openPorts: 40, uploaded: true });
  t.is(status.spooledParts, 0);
  t.deepEqual(status.jobs, []);
  for (const contact of Object.values(status.services))
    t.true(contact.lastSuccessAt !== null && contact.failure === null, JSON.stringify(contact));
  t.is(await appliance.stop(), 0);
});

test("kill -9 in the middle of a scan and again in the middle of the upload loses nothing and doubles nothing", async (t) => {
  // Its own platform, since it is killed as well.
  const platform = await startPlatform();
  t.teardown(() => platform.remove());
  const { appliance, applianceId } = await enrolled(platform, "killed");
  t.teardown(() => appliance.remove());
  await writeFile(appliance.gate, "");
  const started = await platform.api.startScan(scan(applianceId));
  await appliance.untilStatus(
    ({ jobs }) => jobs[0]?.state === "running" && jobs[0].percent >= 10,
    "the look at ports",
  );
  await appliance.kill9();
  appliance.start();
  // The shards that the killed agent started still run: the next agent waits for them.
  await appliance.untilStatus(
    ({ jobs, state }) => state === "connected" && jobs[0]?.state === "running",
    "the scan going on",
  );
  await rm(appliance.gate);
  // Without a platform the results stay in the spool, also when the agent is killed.
  await platform.kill9();
  const waiting = await appliance.untilStatus(
    ({ spooledParts, jobs }) => spooledParts > 0 && jobs[0]?.state === "uploading",
    "parts in the spool",
  );
  t.true(waiting.spooledParts >= 2);
  await appliance.kill9();
  await platform.restart();
  appliance.start();
  await until(
    async () => (await platform.api.scan(started.id)).state === "completed" || null,
    () => `the scan's end; ${appliance.log}`,
  );
  t.deepEqual(seen(await platform.api.results(started.id)), expected);
});

test("a stopped job ends as stopped, and its engine is ended", async (t) => {
  const { platform } = t.context;
  const { appliance, applianceId } = await enrolled(platform, "stopped");
  t.teardown(() => appliance.remove());
  await writeFile(appliance.gate, "");
  const started = await platform.api.startScan(scan(applianceId));
  await appliance.untilStatus(
    ({ jobs }) => jobs[0]?.state === "running" && jobs[0].percent >= 10,
    "the look at ports",
  );
  await platform.api.stopScan(started.id);
  await until(
    async () => (await platform.api.scan(started.id)).state === "stopped" || null,
    () => `the scan's stop; ${appliance.log}`,
  );
  const status = await appliance.untilStatus(
    ({ jobs, lastScan }) => jobs.length === 0 && lastScan !== null,
    "no job",
  );
  t.is(status.lastScan?.state, "stopped");
});

test("through a proxy with a password everything goes through tunnels, and few of them", async (t) => {
  const { platform } = t.context;
  const credentials = { user: "scanner", password: "s3cret pässword" };
  const proxy = await startProxy({ kind: "tunnel", credentials });
  t.teardown(() => proxy.close());
  const { port } = proxy;
  const settings = {
    ...defaultHttpProxy,
    host: "127.0.0.1",
    port,
    authentication: "basic" as const,
    user: credentials.user,
  };
  const { appliance, applianceId } = await enrolled(
    platform,
    "proxied",
    { proxy: settings },
    credentials.password,
  );
  t.teardown(() => appliance.remove());
  const { id } = await platform.api.startScan(scan(applianceId));
  await until(
    async () => (await platform.api.scan(id)).state === "completed" || null,
    () => `the scan's end; ${appliance.log}`,
  );
  t.is((await platform.api.appliance(applianceId)).heartbeat?.proxy, `127.0.0.1:${port}`);
  // Enrolment has connections of its own, and each service that is called at the same time as
  // another one.
  t.true(
    proxy.requests.length >= 2 && proxy.requests.length <= 8,
    `${proxy.requests.length} tunnels`,
  );
  proxy.mode = { kind: "offer", challenges: ["NTLM"] };
  proxy.cut();
  process.kill(appliance.pid, "SIGUSR2");
  const failing = await appliance.untilStatus(
    ({ state }) => state === "failing",
    "the proxy's refusal",
  );
  t.is(failing.failure?.code, "proxy-scheme-unsupported");
  t.false(
    appliance.log.includes("Debugger"),
    "the signal to call now is not Node's to open a debugger",
  );
  t.false(appliance.log.includes("s3cret") || JSON.stringify(failing).includes("s3cret"));
});

test("when the enrolment's reply was lost, the next try with the same key gets the same appliance", async (t) => {
  const { platform } = t.context;
  const { appliance, applianceId } = await enrolled(platform, "lost reply");
  t.teardown(() => appliance.remove());
  await appliance.kill9();
  const folder = join(appliance.root, "data/outrider/identity");
  const [keyFile] = (await readdir(folder)).filter((name) => name.startsWith("key-"));
  const key = await readFile(join(folder, keyFile ?? ""), "utf8");
  t.is((await stat(join(folder, keyFile ?? ""))).mode & 0o777, 0o600);
  // As if the power had gone before the reply was there.
  await rm(join(folder, "identity.json"));
  appliance.start();
  const status = await appliance.untilStatus(
    ({ state }) => state === "connected",
    "connected again",
  );
  t.is(status.applianceId, applianceId);
  t.is(await readFile(join(folder, keyFile ?? ""), "utf8"), key);
});

test("an enrolled appliance that gets a wrong code keeps its identity", async (t) => {
  const { platform } = t.context;
  const { appliance, applianceId } = await enrolled(platform, "wrong code later");
  t.teardown(() => appliance.remove());
  await appliance.kill9();
  await writeFile(
    join(appliance.root, "credentials/activation-code"),
    credentialText("00000-00000-00000-00000"),
  );
  appliance.start();
  const status = await appliance.untilStatus(
    ({ state }) => state === "connected",
    "connected again",
  );
  t.is(status.applianceId, applianceId);
});

test("an unknown code is shown as unknown, and no code as not enrolled", async (t) => {
  const { platform } = t.context;
  const stranger = await ApplianceProcess.create(
    { platformUrl: platform.url },
    "00000-00000-00000-00000",
    [],
  );
  t.teardown(() => stranger.remove());
  stranger.start();
  const refused = await stranger.untilStatus(({ failure }) => failure !== null, "the refusal");
  t.is(refused.state, "enrolment-failed");
  t.is(refused.failure?.code, "code-unknown");
  const blank = await ApplianceProcess.create({}, null, []);
  t.teardown(() => blank.remove());
  blank.start();
  await blank.untilStatus(({ state }) => state === "not-enrolled", "not enrolled");
  t.is(await blank.stop(), 0);
});
