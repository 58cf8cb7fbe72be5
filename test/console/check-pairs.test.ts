import test from "ava";
import { pairChecks } from "../../console/screens/trial/checks.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";

const result = (id: string, outcome: CheckResult["outcome"] = "ok"): CheckResult => ({
  id,
  check: id.split(":", 1)[0] ?? id,
  subject: id,
  outcome,
  code: null,
  detail: "",
  durationMs: 0,
});
const lines = (now: readonly CheckResult[], before: readonly CheckResult[]) =>
  pairChecks({ checks: [...now], checksBefore: [...before] }).map(
    (pair) => `${pair.subject?.id ?? "services"} ${pair.before?.outcome} ${pair.now?.outcome}`,
  );

test("the checks of both times are listed in the order in which they run", (t) => {
  const before = ["link:lan", "address:lan", "dns:192.0.2.53", "proxy", "tls"].map((id) =>
    result(id),
  );
  const now = ["link:lan", "link:wan", "address:lan", "dns:192.0.2.54", "tls"].map((id) =>
    result(id),
  );
  t.deepEqual(lines(now, before), [
    "link:lan ok ok",
    "link:wan undefined ok",
    "address:lan ok ok",
    "dns:192.0.2.54 undefined ok",
    "dns:192.0.2.53 ok undefined",
    "proxy ok undefined",
    "tls ok ok",
  ]);
  t.deepEqual(lines([], before).length, 5);
  t.deepEqual(lines(now.slice(0, 2), before).at(-1), "tls ok undefined", "while they still run");
});

test("a check of a later version has its place behind the one that ran before it", (t) => {
  const now = ["gateway", "captive-portal", "service:health"].map((id) => result(id));
  const before = ["gateway", "service:health"].map((id) => result(id));
  t.deepEqual(lines(now, before), [
    "gateway ok ok",
    "captive-portal undefined ok",
    "service:health ok ok",
  ]);
});

test("services that fare alike are one line at the end", (t) => {
  const services = ["service:health", "service:jobs"];
  const now = [...services.map((id) => result(id, "failed")), result("clock")];
  const before = services.map((id) => result(id));
  t.deepEqual(lines(now, before), ["clock undefined ok", "services ok failed"]);
});
