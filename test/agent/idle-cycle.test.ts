import test from "ava";
import { Attacker } from "../testkit/agent/attacker.ts";
import { startPlatform } from "../testkit/platform/platform.ts";
import { ApplianceProcess, until } from "./appliance-process.ts";

test("an idle cycle is one request, over an existing connection", async (t) => {
  const platform = await startPlatform();
  // Stands between and counts.
  const between = await Attacker.start(platform);
  const asked: string[] = [];
  between.attack = ({ method, path }, forward) => {
    asked.push(`${method} ${path.replace(/\?.*/, "")}`);
    return forward();
  };
  const { code } = await platform.api.makeCode("idle");
  const proxy = {
    kind: "http" as const,
    host: "127.0.0.1",
    port: between.port,
    tls: false,
    authentication: "none" as const,
    user: "",
    bypass: [],
    fallbackToDirect: false,
  };
  const appliance = await ApplianceProcess.create({ platformUrl: platform.url, proxy }, code, []);
  t.teardown(async () => {
    await appliance.remove();
    between.stop();
    await platform.remove();
  });
  await platform.api.publish(
    { kind: "signatures", name: "core", version: "1" },
    Buffer.alloc(1000, 1),
  );
  appliance.start();
  await appliance.untilStatus(
    ({ state, content }) => state === "connected" && content?.[0]?.state === "fetched",
    "connected, and the pack fetched",
  );
  await until(async () => asked.some((each) => each.endsWith("/jobs")), "the request for jobs");
  const heartbeats = () => asked.filter((each) => each === "POST /health/v1/heartbeats").length;
  const cycle = async () => {
    const before = heartbeats();
    process.kill(appliance.pid, "SIGUSR2");
    await until(async () => heartbeats() > before, "a heartbeat");
    await until(
      async () => ((await appliance.status())?.counters?.heartbeats ?? 0) >= heartbeats(),
      "its answer",
    );
  };
  await cycle();
  const first = asked.length;
  const connections = between.connections;
  for (let count = 0; count < 10; count++) await cycle();
  const rest = asked.slice(first).filter((each) => !each.endsWith("/jobs/v1/jobs"));
  t.deepEqual(
    rest,
    Array.from({ length: 10 }, () => "POST /health/v1/heartbeats"),
  );
  t.is(between.connections, connections, "no connection was made for them");
  const status = await appliance.status();
  t.is(status?.counters?.failures, 0);
  t.is(status?.counters?.repeats, 0);
  const { heartbeat } = await platform.api.appliance(status?.applianceId ?? "");
  t.like(heartbeat?.updates, {
    items: [
      {
        kind: "signatures",
        name: "core",
        version: "1",
        state: "fetched",
        length: 1000,
        received: 1000,
      },
    ],
    code: null,
  });
});
