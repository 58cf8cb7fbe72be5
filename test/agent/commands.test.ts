import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import test from "ava";
import { makeBundle, uploadBundle } from "../../src/agent/command-jobs/bundle.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { redact } from "../../src/base/redact.ts";
import { clockMs, command, configdOf, life, newWorld } from "./command-lives.ts";

test("a command is stored before it is carried out, carried out once, reported once, and writes two lines to the journal", async (t) => {
  const world = newWorld();
  const { client, calls } = configdOf({ doctor: () => ({ results: [] }) });
  const given = command("doctor");
  const { commands, reported, end } = await life(world, client);
  await commands.take([given]);
  await commands.take([given]);
  await reported;
  await end();
  t.deepEqual(calls, ["doctor"]);
  t.like(world.reports, [{ id: given.id, result: { end: "done", code: null, checks: [] } }]);
  t.deepEqual(
    world.lines.map((line) => line.split(" {")[0]),
    ["command from the platform begins", "command from the platform ended"],
  );
});

test("a replayed command is not carried out again, also after a restart; its result is reported again", async (t) => {
  const world = newWorld();
  const { client, calls } = configdOf({ doctor: () => ({ results: [] }) });
  const given = command("doctor");
  const first = await life(world, client);
  await first.commands.take([given]);
  await first.reported;
  await first.end();
  const second = await life(world, client);
  await second.commands.take([given]);
  await second.reported;
  await second.end();
  t.deepEqual(calls, ["doctor"]);
  t.deepEqual(world.reports[1], world.reports[0]);
  t.regex(world.lines.join("\n"), /repeated by the platform/);
});

test("an expired command is refused, and its id is kept until it cannot come again", async (t) => {
  const world = newWorld();
  const { client, calls } = configdOf({ power: () => ({}) });
  const given = command("reboot", { expiresAt: clockMs - 1 });
  const { commands, clock, reported, spool, end } = await life(world, client);
  await commands.take([given]);
  await reported;
  t.deepEqual(calls, []);
  t.like(world.reports, [{ result: { end: "expired", code: "command-expired", startedAt: null } }]);
  await commands.take([given]);
  await clock.advance(3 * 86_400_000);
  await clock.untilSleeping();
  await end();
  t.deepEqual(spool.commands.list(), []);
});

test("a reboot happens once: the next start of the machine reports it", async (t) => {
  const world = newWorld();
  const { client, calls } = configdOf({ power: () => ({}) });
  const given = command("reboot");
  const before = await life(world, client);
  await before.commands.take([given]);
  await before.clock.untilSleeping((durationMs) => durationMs > 100_000 && durationMs < 400_000);
  await before.end();
  t.deepEqual(world.reports, [], "nothing is reported before the restart");
  const after = await life(world, client, { bootId: "boot-2" });
  await after.reported;
  await after.commands.take([given]);
  await after.end();
  t.deepEqual(calls, ["power"]);
  t.like(world.reports[0], {
    id: given.id,
    result: { end: "done", detail: "The appliance has restarted." },
  });
});

test("configd's refusal is reported with its code, and a result that cannot be reported yet is reported later", async (t) => {
  const world = newWorld();
  world.refusals = 2;
  const { client } = configdOf({
    power: () => {
      throw new OutriderError("system-failed", { detail: "no power" });
    },
  });
  const { commands, clock, reported, end } = await life(world, client);
  await commands.take([command("reboot")]);
  while (world.reports.length === 0) {
    await clock.untilSleeping();
    await clock.advance(60_000);
  }
  await reported;
  await end();
  t.like(world.reports, [{ result: { end: "failed", code: "system-failed", detail: "no power" } }]);
});

test("a network change is kept only after the agent's own call home over it, also when the agent restarts meanwhile", async (t) => {
  const world = newWorld();
  const given = command("network", { network: { why: "new proxy", proxy: { kind: "none" } } });
  let trial: object | null = null;
  let lastTrial: object | null = null;
  const by = { how: "platform", who: `job ${given.id}`, why: "" };
  let home = 0;
  let applying = 2;
  const { client, calls } = configdOf({
    status: () => ({
      trial: trial && { ...trial, phase: applying-- > 0 ? "applying" : "checking" },
      lastTrial,
    }),
    tryRemote: (request) => {
      t.like(request, { jobId: given.id, why: "new proxy", proxy: { kind: "none" } });
      trial = { by };
      // configd restarts the agent with the new settings: this life ends here.
      throw new OutriderError("configd-unreachable");
    },
    confirmRemote: () => {
      t.is(home, 3);
      [trial, lastTrial] = [null, { by, end: "kept", detail: "" }];
      return {};
    },
  });
  const callHome = async () => {
    if (++home < 3) throw new OutriderError("connect-silent");
  };
  const before = await life(world, {
    call: async (name, request) =>
      (name === "tryRemote"
        ? client.call(name, request).catch(() => new Promise(() => undefined))
        : client.call(name, request)) as never,
  });
  await before.commands.take([given]);
  while (trial === null) await new Promise((resolve) => setImmediate(resolve));
  void before.end();
  const after = await life(world, client, { callHome });
  await after.clock.untilSleeping((durationMs) => durationMs === 500);
  t.is(home, 0, "a call now would go by the old settings");
  await after.clock.advance(500);
  for (let tries = 0; tries < 2; tries++) {
    await after.clock.untilSleeping((durationMs) => durationMs === 3000);
    await after.clock.advance(3000);
  }
  await after.reported;
  await after.end();
  t.is(calls.filter((name) => name === "tryRemote").length, 1);
  t.like(world.reports, [{ id: given.id, result: { end: "done" } }]);
});

test("a network change over which the platform is not reached is reverted and reported so", async (t) => {
  const world = newWorld();
  const given = command("network", { network: { why: "wrong", proxy: { kind: "none" } } });
  const by = { how: "platform", who: given.id, why: "" };
  const onTrial = { trial: { by }, lastTrial: null };
  const states = [{ trial: null, lastTrial: null }, onTrial, onTrial];
  const { client } = configdOf({
    status: () =>
      states.shift() ?? { trial: null, lastTrial: { by, end: "timed-out", detail: "" } },
    tryRemote: () => ({}),
  });
  const { commands, clock, reported, end } = await life(world, client, {
    callHome: () => Promise.reject(new OutriderError("connect-silent")),
  });
  await commands.take([given]);
  for (let tries = 0; tries < 2; tries++) {
    await clock.untilSleeping((durationMs) => durationMs === 3000);
    await clock.advance(3000);
  }
  await reported;
  await end();
  t.like(world.reports, [{ result: { end: "failed", code: "network-change-reverted" } }]);
});

test("a decommissioned appliance reports first and is wiped then, also after a power cut in between", async (t) => {
  const world = newWorld();
  const given = command("decommission");
  let wiped = 0;
  const { client } = configdOf({
    decommission: () => {
      t.is(world.reports.length, 1, "reported before the wipe");
      if (++wiped === 1) throw new OutriderError("configd-unreachable");
      return {};
    },
  });
  const before = await life(world, client);
  await before.commands.take([given]);
  await before.reported;
  await before.clock.untilSleeping();
  await before.end();
  const after = await life(world, client);
  while (wiped < 2) await new Promise((resolve) => setImmediate(resolve));
  await after.end();
  t.is(world.reports.length, 1);
});

test("a command whose record is damaged is not carried out, and that is reported", async (t) => {
  const world = newWorld();
  const { client, calls } = configdOf({ power: () => ({}) });
  const given = command("reboot");
  await world.files.write(`/spool/commands/${given.id}.json`, "cut");
  const { commands, reported, end } = await life(world, client);
  await commands.take([given]);
  await reported;
  await end();
  t.deepEqual(calls, []);
  t.like(world.reports, [{ result: { end: "failed", code: "storage-damaged" } }]);
});

const secrets = {
  proxy: 'pa"ss wörd/1',
  code: "7Q2F4-9ABCD-EFGHJ-KMNPQ",
  pem: "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n",
};

test("a support bundle has what a diagnosis needs, and none of the secrets planted everywhere", async (t) => {
  const { proxy, code, pem } = secrets;
  const planted = [
    proxy,
    JSON.stringify({ proxy }),
    encodeURIComponent(proxy),
    Buffer.from(`scanner:x`).toString("base64"),
    Buffer.from(proxy).toString("base64"),
    code,
    pem,
  ];
  const journal = [
    ...planted,
    "Proxy-Authorization: Basic c2Nhbm5lcjpzM2NyZXQ=",
    '"authorization":"Bearer tok-1234567890"',
    "password=hunter2 passphrase: open-sesame api_key=abcdef",
    "http://user:p4ssw0rd@proxy.example:3128/",
    "agent connected to platform.example",
  ].join("\n");
  const { client } = configdOf({
    status: () => ({ hostname: "scanner-1", note: planted, secrets: { proxyPassword: true } }),
    doctor: () => ({ results: [{ detail: `proxy said ${proxy}` }] }),
    journal: () => ({ text: journal }),
  });
  const facts = async () => ({ spool: { usedBytes: 5 }, planted });
  const bundle = await makeBundle(
    {
      configd: client,
      softwareVersion: "1.0",
      nowMs: () => clockMs,
      facts,
      secrets: [proxy, code, pem],
    },
    new AbortController().signal,
  );
  const text = gunzipSync(bundle).toString("utf8");
  for (const name of ["about.json", "status.json", "agent.json", "checks.json", "journal.txt"])
    t.true(text.includes(`outrider-support/${name}`));
  t.true(
    text.includes("scanner-1") &&
      text.includes("agent connected to platform.example") &&
      text.includes('"proxyPassword": true'),
  );
  for (const secret of [
    proxy,
    JSON.stringify(proxy).slice(1, -1),
    encodeURIComponent(proxy),
    Buffer.from(proxy).toString("base64"),
    code,
    "MIGHAgEAMBMGByqGSM49",
  ])
    t.false(text.includes(secret), secret);
  for (const secret of [
    "c2Nhbm5lcjpzM2NyZXQ",
    "tok-1234567890",
    "hunter2",
    "open-sesame",
    "abcdef",
    "p4ssw0rd",
  ])
    t.false(text.includes(secret), secret);
});

test("a bundle names what could not be collected, and is uploaded in parts that are checked", async (t) => {
  const { client } = configdOf({});
  const facts = async () => ({});
  const bundle = await makeBundle(
    { configd: client, softwareVersion: "1.0", nowMs: () => clockMs, facts, secrets: [] },
    new AbortController().signal,
  );
  t.regex(gunzipSync(bundle).toString("utf8"), /could not be had: This is not allowed/);
  const large = Buffer.alloc(1_200_000, 3);
  const sent: Uint8Array[] = [];
  const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
  const uploaded = await uploadBundle(large, async (number, content) => {
    sent[number] = content;
    return { sha256: sha256(content) };
  });
  t.deepEqual(uploaded, { partCount: 3, sha256: sha256(large) });
  t.deepEqual(Buffer.concat(sent), large);
  await t.throwsAsync(
    uploadBundle(large, async () => ({ sha256: "0".repeat(64) })),
    { message: /receipt is not for part 0/ },
  );
});

test("redacting leaves ordinary words alone", (t) => {
  const text =
    '{"secrets":{"proxyPassword":true,"activationCode":false},"host":"192.0.2.1","state":"connected","passwordSet":null}';
  t.is(redact(text, ["abc"]), text);
});
