import test from "ava";
import { deliveryTable, isPerfect, runDelivery } from "./delivery.ts";

test("kill -9 of agent and platform at a few points, with one request in ten cut: nothing is lost, nothing comes twice", async (t) => {
  t.timeout(280_000);
  const counts = await runDelivery({ seed: 20_260_101, points: 8, cutShare: 0.1 });
  t.true(isPerfect(counts), deliveryTable(counts));
  t.true(
    counts.agentKills + counts.platformKills >= 8 && counts.scans >= 3 && counts.hosts > 50,
    deliveryTable(counts),
  );
});
