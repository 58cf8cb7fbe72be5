import test from "ava";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { PageSession } from "../testkit/platform/page-session.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

test("the appliance's page has a button for every command, and shows what became of each", async (t) => {
  const appliance = await enrolAt(platform, { name: "berlin" });
  await appliance.beat({ spool: { usedBytes: 950, limitBytes: 1000, full: true } });
  const session = await PageSession.logIn(platform);
  const page = `/appliances/${appliance.id}`;
  for (const kind of ["check-in", "doctor", "update", "support-bundle"])
    t.is((await session.submit(page, `${page}/commands`, { kind })).status, 303, kind);
  for (const kind of ["reboot", "decommission"]) {
    const confirm = `${page}/commands/${kind}`;
    t.is((await session.read(confirm)).status, 200);
    t.is((await session.submit(confirm, `${page}/commands`, { kind })).status, 303, kind);
  }
  const network = `${page}/commands/network`;
  const wrong = await session.submit(network, `${page}/commands`, {
    kind: "network",
    change: '{"why":"x","proxyPassword":"y"}',
  });
  t.is(wrong.status, 422);
  t.regex(wrong.text, /additional properties: proxyPassword/);
  t.is(
    (
      await session.submit(network, `${page}/commands`, {
        kind: "network",
        change: '{"why":"x","proxy":{"kind":"none"}}',
      })
    ).status,
    303,
  );
  t.is((await session.submit(page, `${page}/commands`, { kind: "format" })).status, 400);
  const given = (await appliance.jobs()).commands;
  t.deepEqual(given.map(({ kind }) => kind).sort(), [
    "check-in",
    "decommission",
    "doctor",
    "network",
    "reboot",
    "support-bundle",
    "update",
  ]);
  const doctor = given.find(({ kind }) => kind === "doctor");
  const check = {
    id: "dns:1",
    check: "dns" as const,
    subject: "DNS <server>",
    outcome: "failed" as const,
    code: "dns-silent",
    detail: "no answer",
    durationMs: 5,
  };
  await appliance.call("results", "POST", `/commands/${doctor?.id}/result`, {
    end: "done",
    code: null,
    detail: "1 of 1 checks are not good.",
    startedAt: 1,
    endedAt: 2,
    checks: [check],
  });
  const { text } = await session.read(page);
  t.regex(text, /DNS &lt;server&gt;/);
  t.regex(text, /takes no new jobs/);
  for (const words of ["Check in fully", "Support bundle", "Given out", "Make a code for berlin"])
    t.true(text.includes(words), words);
  const code2 = await session.submit(page, `${page}/code`, {});
  t.is(code2.status, 200);
  t.is(
    (await platform.api.codes()).filter(({ forApplianceId }) => forApplianceId === appliance.id)
      .length,
    1,
  );
});
