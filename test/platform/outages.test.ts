import test from "ava";
import type { Outage } from "../../src/protocol/schemas/health.ts";
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

const hourMs = 3_600_000;
const outage = (since: number, code = "gateway-silent"): Outage => ({
  since,
  checkedAt: since + 60_000,
  code,
  checks: [
    {
      id: "gateway:lan",
      check: "gateway",
      subject: "gateway 192.0.2.1",
      outcome: "failed",
      code,
      detail: "192.0.2.1 on <eth0>",
      durationMs: 3500,
    },
  ],
});

test("an appliance's outages are listed with their causes, newest first, each once", async (t) => {
  const appliance = await enrolAt(platform, { name: "berlin" });
  const session = await PageSession.logIn(platform);
  const page = `/appliances/${appliance.id}`;
  await appliance.beat();
  t.regex((await session.read(page)).text, /The doctor has not run yet/);
  const now = Date.now();
  await appliance.beat({ outage: outage(now - 3 * hourMs) });
  await appliance.beat({ outage: outage(now - 3 * hourMs) });
  await appliance.beat({ outage: outage(now - hourMs, "a-code-of-tomorrow") });
  await appliance.beat();
  const { text } = await session.read(page);
  t.is(text.match(/It could not call home/g)?.length, 2, "a repeated heartbeat adds none");
  t.regex(text, /The gateway does not answer\./);
  t.regex(text, /a-code-of-tomorrow/);
  t.regex(text, /192\.0\.2\.1 on &lt;eth0&gt;/, "foreign text is escaped");
  t.true(text.indexOf("a-code-of-tomorrow") < text.indexOf("The gateway does not answer."));
});

test("an appliance of before tells no outages and is served as ever", async (t) => {
  const appliance = await enrolAt(platform, { name: "old" });
  const { serverTime } = await appliance.beat();
  t.true(serverTime > 0);
});
