import test from "ava";
import { describeFacts } from "../../src/base/messages/facts.ts";
import type { Check } from "../../src/doctor/check/check.ts";
import { failed, ok } from "../../src/doctor/check/findings.ts";
import { dns } from "../../src/doctor/checks/dns.ts";
import { gateway } from "../../src/doctor/checks/gateway.ts";
import { link } from "../../src/doctor/checks/link.ts";
import { service } from "../../src/doctor/checks/service.ts";
import { checks } from "../../src/doctor/checks.ts";
import type { Surroundings } from "../../src/doctor/path/surroundings.ts";
import { inOrder, runChecks } from "../../src/doctor/run-checks.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import {
  configuration,
  eth0,
  platform,
  short,
  silentDns,
  splitConfiguration,
  surroundings,
} from "./surroundings.ts";

/** A complete new check, with its line in the list. */
const captivePortal: Check = {
  id: "captive-portal",
  needs: [gateway, dns],
  role: "management",
  subjects: () => [{ id: "captive-portal", subject: "captive portal" }],
  run: (subject) => [failed(subject, "service-block-page", [])],
};
const afterPortal: Check = {
  id: "after-portal",
  needs: [captivePortal],
  role: "management",
  subjects: () => [{ id: "after-portal", subject: "what is behind the portal" }],
  run: (subject) => [ok(subject, [])],
};
const withPortal: readonly Check[] = [captivePortal, afterPortal, ...checks];

async function runList(
  list: readonly Check[],
  change: Partial<Surroundings> = {},
  only: string | null = null,
): Promise<CheckResult[]> {
  const signal = new AbortController().signal;
  const results: CheckResult[] = [];
  for await (const result of runChecks(surroundings(change), signal, only, list))
    results.push(result);
  return results;
}

const portal = (results: readonly CheckResult[]) =>
  results
    .filter(({ check }) => check.endsWith("portal"))
    .map(({ check, outcome, facts }) => `${check} ${outcome}: ${describeFacts(facts ?? [])}`);

test("a check runs after those that it needs, wherever it stands in the list", async (t) => {
  const order = [...new Set((await runList(withPortal)).map(({ check }) => check))];
  t.deepEqual(order.slice(0, 6), [
    "link",
    "address",
    "gateway",
    "dns",
    "captive-portal",
    "after-portal",
  ]);
  t.deepEqual(inOrder(checks), checks, "the list itself is in the order of its needs");
  t.throws(() => inOrder([link, gateway]), { instanceOf: RangeError, message: /address/ });
});

test("a check whose need failed is skipped with the reason", async (t) => {
  t.deepEqual(portal(await runList(withPortal)), [
    "captive-portal failed: ",
    "after-portal skipped: the check captive-portal fails",
  ]);
});

test("the first cause is passed on through checks that were skipped themselves", async (t) => {
  const dead = { interfaces: async () => [{ ...eth0, linkUp: false }] };
  t.deepEqual(portal(await runList(withPortal, dead)), [
    "captive-portal skipped: there is no link",
    "after-portal skipped: there is no link",
  ]);
  t.deepEqual(portal(await runList(withPortal, { askDns: silentDns })), [
    "captive-portal skipped: no DNS server answers",
    "after-portal skipped: no DNS server answers",
  ]);
});

test("a failed need skips only the subjects that need it", async (t) => {
  const neighbour = { ...configuration, platformUrl: "https://192.0.2.80" };
  const change = {
    configuration: neighbour,
    askDns: silentDns,
    neighbourAnswers: async () => false,
  };
  t.deepEqual(portal(await runList(withPortal, change)), [
    "captive-portal failed: ",
    "after-portal skipped: the check captive-portal fails",
  ]);
});

test("a single check runs alone, and nothing is sent for its needs", async (t) => {
  const asked = async (): Promise<never> => {
    throw new Error("it was asked");
  };
  const alone = { askDns: asked, neighbourAnswers: asked };
  t.deepEqual(short(await runList(withPortal, alone, "captive-portal")), [
    "captive-portal failed service-block-page",
  ]);
  const dead = { ...alone, interfaces: async () => [{ ...eth0, linkUp: false }] };
  t.deepEqual(short(await runList(withPortal, dead, "captive-portal")), ["captive-portal skipped"]);
});

test("a need can belong to some subjects of a check only", async (t) => {
  const jobsOnly: Check = {
    ...captivePortal,
    isNeededFor: ({ target }) => target?.name === "jobs",
  };
  const list = [...checks.filter((check) => check !== service), jobsOnly];
  const needy: Check = { ...service, needs: [...service.needs, jobsOnly] };
  const results = await runList([...list, needy], { platform });
  t.deepEqual(
    short(results.filter(({ check }) => check === "service")),
    ["enrolment ok", "health ok", "updates ok", "jobs skipped", "results ok"].map(
      (text) => `service:${text}`,
    ),
  );
});

test("a check of every role is run for the interface that scans, and then for the one that calls home", async (t) => {
  const every: Check = {
    id: "duplicate-address",
    needs: [link],
    role: "every",
    subjects: ({ role }) => [{ id: `duplicate-address:${role}`, subject: role }],
    run: (subject) => [ok(subject, [])],
  };
  const eth1 = { ...eth0, name: "eth1" };
  const results = await runList([...checks, every], {
    configuration: splitConfiguration,
    interfaces: async () => [{ ...eth0, linkUp: false }, eth1],
  });
  t.deepEqual(short(results.filter(({ check }) => check === "duplicate-address")), [
    "duplicate-address:lan skipped",
    "duplicate-address:wan ok",
  ]);
});

test("the list's ids are names that the wire takes, each once", (t) => {
  for (const { id } of checks) t.regex(id, /^[a-z][a-z0-9-]*$/);
  t.is(new Set(checks.map(({ id }) => id)).size, checks.length);
});
