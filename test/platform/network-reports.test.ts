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

test("the appliance's page and the API show a replaced card, until the appliance no longer reports it", async (t) => {
  const appliance = await enrolAt(platform, { name: "berlin" });
  const session = await PageSession.logIn(platform);
  const page = async () => (await session.read(`/appliances/${appliance.id}`)).text;
  const reports = [
    {
      code: "interface-replaced",
      detail: "LAN, 52:54:00:0a:00:91, <eth0>; instead of 52:54:00:0a:00:01",
    },
    { code: "a-code-of-tomorrow", detail: "something new" },
  ];
  await appliance.beat({ networkReports: reports });
  const text = await page();
  t.regex(text, /Another network interface has taken the place of the one that was here\./);
  t.regex(text, /choose this adapter as the network card on the Network screen/);
  t.regex(text, /52:54:00:0a:00:91, &lt;eth0&gt;; instead of 52:54:00:0a:00:01/);
  t.regex(text, /a-code-of-tomorrow/);
  const { body } = await platform.api.request("GET", `/appliances/${appliance.id}`);
  t.like(body, { heartbeat: { networkReports: reports } });
  await appliance.beat();
  t.notRegex(await page(), /taken the place|a-code-of-tomorrow/);
});
