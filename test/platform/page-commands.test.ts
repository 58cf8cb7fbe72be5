import test from "ava";
import { enrolAppliance } from "../testkit/platform/appliance.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

/** A browser without a screen: logs in, reads pages, sends their forms. */
async function logIn() {
  const origin = `https://127.0.0.1:${platform.port}`;
  const form = (values: Record<string, string>) => new URLSearchParams(values).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", origin };
  const begun = await platform.dispatcher.request({
    origin,
    path: "/log-in",
    method: "POST",
    headers,
    body: form({ token: platform.operatorToken, next: "/fleet" }),
  });
  const cookie = String(begun.headers["set-cookie"]).split(";")[0] ?? "";
  await begun.body.dump();
  const read = async (path: string) => {
    const reply = await platform.dispatcher.request({
      origin,
      path,
      method: "GET",
      headers: { cookie },
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  };
  const send = async (from: string, path: string, values: Record<string, string>) => {
    const token = /name="form" value="([^"]+)"/.exec((await read(from)).text)?.[1] ?? "";
    const reply = await platform.dispatcher.request({
      origin,
      path,
      method: "POST",
      headers: { ...headers, cookie },
      body: form({ form: token, ...values }),
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  };
  return { read, send };
}

test("the appliance's page has a button for every command, and shows what became of each", async (t) => {
  const { code } = await platform.api.makeCode("berlin");
  const appliance = await enrolAppliance({
    platformUrl: platform.url,
    dispatcher: platform.dispatcher,
    code,
  });
  await appliance.beat({ spool: { usedBytes: 950, limitBytes: 1000, full: true } });
  const { read, send } = await logIn();
  const page = `/appliances/${appliance.id}`;
  for (const kind of ["check-in", "doctor", "update", "support-bundle"])
    t.is((await send(page, `${page}/commands`, { kind })).status, 303, kind);
  for (const kind of ["reboot", "decommission"]) {
    const confirm = `${page}/commands/${kind}`;
    t.is((await read(confirm)).status, 200);
    t.is((await send(confirm, `${page}/commands`, { kind })).status, 303, kind);
  }
  const network = `${page}/commands/network`;
  const wrong = await send(network, `${page}/commands`, {
    kind: "network",
    change: '{"why":"x","proxyPassword":"y"}',
  });
  t.is(wrong.status, 422);
  t.regex(wrong.text, /additional properties: proxyPassword/);
  t.is(
    (
      await send(network, `${page}/commands`, {
        kind: "network",
        change: '{"why":"x","proxy":{"kind":"none"}}',
      })
    ).status,
    303,
  );
  t.is((await send(page, `${page}/commands`, { kind: "format" })).status, 400);
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
  const { text } = await read(page);
  t.regex(text, /DNS &lt;server&gt;/);
  t.regex(text, /takes no new jobs/);
  for (const words of ["Check in fully", "Support bundle", "Given out", "Make a code for berlin"])
    t.true(text.includes(words), words);
  const code2 = await send(page, `${page}/code`, {});
  t.is(code2.status, 200);
  t.is(
    (await platform.api.codes()).filter(({ forApplianceId }) => forApplianceId === appliance.id)
      .length,
    1,
  );
});
