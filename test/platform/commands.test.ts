import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test from "ava";
import type { CommandResult } from "../../src/protocol/schemas/commands.ts";
import type { TestAppliance } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

const enrol = async (): Promise<TestAppliance> => {
  return enrolAt(platform);
};
const result = (changes: Partial<CommandResult> = {}): CommandResult => ({
  end: "done",
  code: null,
  detail: "well",
  startedAt: 1,
  endedAt: 2,
  ...changes,
});
const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

test("a command is listed until its result came; the first result counts", async (t) => {
  const appliance = await enrol();
  const held = appliance.jobs({ after: (await appliance.jobs()).version, wait: 20 });
  const command = await platform.api.command(appliance.id, { kind: "reboot" });
  t.is(command.state, "waiting");
  const { commands } = await held;
  t.like(commands[0], { id: command.id, kind: "reboot" });
  t.true((commands[0]?.expiresAt ?? 0) > Date.now());
  t.is((await platform.api.commandView(command.id)).state, "given-out");
  const first = await appliance.call("results", "POST", `/commands/${command.id}/result`, result());
  const second = await appliance.call(
    "results",
    "POST",
    `/commands/${command.id}/result`,
    result({ end: "failed", code: "system-failed" }),
  );
  t.is(first.status, 200);
  t.deepEqual(second.body, first.body, "the same receipt");
  t.true(first.verification.ok && second.verification.ok);
  t.deepEqual((await appliance.jobs()).commands, []);
  t.like(await platform.api.commandView(command.id), {
    state: "done",
    result: { end: "done", detail: "well" },
  });
  t.is((await platform.api.commands(appliance.id)).length, 1);
});

test("another appliance's command can neither be seen nor ended", async (t) => {
  const [mine, stranger] = [await enrol(), await enrol()];
  const { id } = await platform.api.command(mine.id, { kind: "doctor" });
  t.deepEqual((await stranger.jobs()).commands, []);
  t.is((await stranger.call("results", "POST", `/commands/${id}/result`, result())).status, 404);
  t.is(
    (await stranger.call("results", "PUT", `/commands/${id}/bundle/0`, Buffer.from("x"))).status,
    404,
  );
});

test("a support bundle comes in parts and is given out whole", async (t) => {
  const appliance = await enrol();
  const { id } = await platform.api.command(appliance.id, { kind: "support-bundle" });
  const parts = [Buffer.alloc(512 * 1024, 1), Buffer.from("the rest")];
  for (const [number, part] of parts.entries()) {
    const answer = await appliance.call("results", "PUT", `/commands/${id}/bundle/${number}`, part);
    t.is(Reflect.get(Object(answer.body), "sha256"), sha256(part));
  }
  const whole = Buffer.concat(parts);
  t.is(
    (
      await appliance.call(
        "results",
        "PUT",
        `/commands/${id}/bundle/2`,
        Buffer.alloc(512 * 1024 + 1),
      )
    ).status,
    413,
  );
  await appliance.call(
    "results",
    "POST",
    `/commands/${id}/result`,
    result({ bundle: { partCount: 2, sha256: sha256(whole) } }),
  );
  t.deepEqual(await platform.api.bundle(id), whole);
  t.is(
    (await appliance.call("results", "PUT", `/commands/${id}/bundle/0`, Buffer.from("late")))
      .status,
    404,
  );
});

test("an appliance that was decommissioned is revoked by its result, and can tell it again", async (t) => {
  const appliance = await enrol();
  const { id } = await platform.api.command(appliance.id, { kind: "decommission" });
  t.is((await appliance.call("results", "POST", `/commands/${id}/result`, result())).status, 200);
  t.is((await platform.api.appliance(appliance.id)).state, "revoked");
  t.is((await appliance.call("results", "POST", `/commands/${id}/result`, result())).status, 200);
  t.is((await appliance.call("jobs", "GET", "/jobs")).status, 403);
});

test("a platform that ended between the result of a decommission and the revocation revokes when the result is reported again", async (t) => {
  const appliance = await enrol();
  const { id } = await platform.api.command(appliance.id, { kind: "decommission" });
  await appliance.call("results", "POST", `/commands/${id}/result`, result());
  const database = new DatabaseSync(join(platform.dataFolder, "platform.sqlite"), {
    timeout: 120_000,
  });
  database.prepare("UPDATE appliances SET revoked_at = NULL WHERE id = ?").run(appliance.id);
  database.close();
  t.not((await platform.api.appliance(appliance.id)).state, "revoked");
  t.is((await appliance.call("results", "POST", `/commands/${id}/result`, result())).status, 200);
  t.is((await platform.api.appliance(appliance.id)).state, "revoked");
});

test("a change of the network comes with the change, and nothing else does", async (t) => {
  const appliance = await enrol();
  const change = { why: "new proxy", proxy: { kind: "none" as const } };
  const { id } = await platform.api.command(appliance.id, { kind: "network", network: change });
  t.deepEqual(
    (await appliance.jobs()).commands.find((command) => command.id === id)?.network,
    change,
  );
  for (const wrong of [
    { kind: "network" },
    { kind: "reboot", network: change },
    { kind: "format" },
    { kind: "network", network: { ...change, proxyPassword: "x" } },
  ]) {
    const answer = await platform.api.request(
      "POST",
      `/appliances/${appliance.id}/commands`,
      wrong,
    );
    t.is(answer.status, 422, JSON.stringify(wrong));
  }
});

test("lists are given page by page, with their whole number", async (t) => {
  for (let count = 0; count < 3; count++) await enrol();
  const { body } = await platform.api.request<{ appliances: unknown[]; total: number }>(
    "GET",
    "/appliances?limit=2&offset=1",
  );
  t.is(body.appliances.length, 2);
  t.true(body.total >= 3);
  t.is((await platform.api.request("GET", "/appliances?limit=0")).status, 422);
});

test("an appliance whose operator wants its bundle here is given a command for it, and the same one until that is done", async (t) => {
  const appliance = await enrol();
  const announced = await appliance.call("results", "POST", "/support-bundles");
  t.is(announced.status, 200);
  t.true(announced.verification.ok);
  const again = await appliance.call("results", "POST", "/support-bundles");
  t.deepEqual(again.body, announced.body);
  const id = String(Reflect.get(Object(announced.body), "id"));
  t.like((await appliance.jobs()).commands[0], { id, kind: "support-bundle" });
  const content = Buffer.from("a bundle");
  t.is((await appliance.call("results", "PUT", `/commands/${id}/bundle/0`, content)).status, 200);
  await appliance.call(
    "results",
    "POST",
    `/commands/${id}/result`,
    result({ bundle: { partCount: 1, sha256: sha256(content) } }),
  );
  t.deepEqual(await platform.api.bundle(id), content);
  const next = await appliance.call("results", "POST", "/support-bundles");
  t.not(Reflect.get(Object(next.body), "id"), id);
});
