import test from "ava";
import { outageFact } from "../../src/agent/scan-jobs/outages.ts";
import { withDetail } from "../../src/base/messages/facts.ts";

const outage = { card: "eth0", kind: "no-address" as const, from: 0, to: 120_000 };
const from = "from 1970-01-01 00:00:00 UTC to 1970-01-01 00:02:00 UTC (120 s)";

test("a scan of IPv6 on a card without IPv6 is told so, and not that the card lost its address", (t) => {
  const words = (targets: string[]) => withDetail(outageFact(outage, targets)).detail;
  t.is(words(["2001:db8::/120"]), `eth0 had no IPv6 address ${from}`);
  t.is(words(["192.0.2.0/24"]), `eth0 lost its address ${from}`);
  t.is(
    withDetail(outageFact({ ...outage, kind: "no-link" }, ["2001:db8::1"])).detail,
    `eth0 had no link ${from}`,
  );
});
