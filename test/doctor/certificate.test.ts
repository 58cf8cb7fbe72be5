import test from "ava";
import type { KnownPlatform } from "../../src/doctor/path/known-platform.ts";
import { makeTestAuthority, type Validity } from "../testkit/proxies/certificates.ts";
import { configuration, facts, json, platform, run, through, type Way } from "./surroundings.ts";

const day = 86_400_000;
/** The clock of the tests' surroundings. */
const nowMs = Date.UTC(2026, 0, 1);
/** Valid since some time, for so many days from now on. */
const lasting = (days: number, sinceDays = 300): Validity => ({
  fromMs: nowMs - sinceDays * day,
  toMs: nowMs + days * day,
});
const authority = async (name: string, validity: Validity) =>
  (await makeTestAuthority(name, validity)).certificate;

async function found(known: Partial<KnownPlatform>, trusted: string[] = [], way: Way = through) {
  const results = await run(
    {
      platform: { ...platform, ...known },
      configuration: { ...configuration, trustedCertificates: trusted },
    },
    () => way,
  );
  return Object.fromEntries(
    results
      .filter(({ check }) => check === "certificate")
      .map(({ id, outcome, code, detail }) => [
        id.replace("certificate:", ""),
        [outcome, code, detail].filter((each) => each !== null).join(" "),
      ]),
  );
}

test("this appliance's certificate: good, at its end, ended", async (t) => {
  const own = async (validity: Validity) =>
    (await found({ certificate: await authority("appliance", validity) })).own;
  t.is(await own(lasting(60, 120)), "ok appliance is good until 2026-03-02");
  t.is(
    await own(lasting(20, 160)),
    "ok appliance is good until 2026-01-21",
    "it is renewed by now",
  );
  t.is(await own(lasting(10, 170)), "warning certificate-expiring appliance ends on 2026-01-11");
  t.is(await own(lasting(-1)), "failed certificate-expired appliance ended on 2025-12-31");
});

test("a certificate of a few days is not called expiring in its first days", async (t) => {
  const certificate = await authority("short", { fromMs: nowMs - 2 * day, toMs: nowMs + 4 * day });
  t.regex((await found({ certificate })).own ?? "", /^ok /);
});

test("of the trusted authorities the ones at their end are named", async (t) => {
  const [good, ending, ended] = await Promise.all([
    authority("Good CA", lasting(3000)),
    authority("Ending CA", lasting(5, 3000)),
    authority("Ended CA", lasting(-9, 3000)),
  ]);
  const trusted = async (...pem: string[]) => (await found({}, pem)).trusted;
  t.is(await trusted(good), "ok Good CA is good until 2034-03-20");
  t.is(await trusted(good, ending), "warning certificate-expiring Ending CA ends on 2026-01-06");
  t.is(
    await trusted(`${good}\n${ended}`, ending),
    "warning certificate-expired Ended CA ended on 2025-12-23; Ending CA ends on 2026-01-06",
  );
  t.is(
    (await found({ certificateAuthorities: ended })).trusted,
    "warning certificate-expired Ended CA ended on 2025-12-23",
    "one of the platform's too",
  );
  t.is(
    await trusted("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
    "skipped there is none yet",
  );
});

test("what the platform shows is judged by the platform's clock", async (t) => {
  const showing = async (untilMs: number, date?: string) =>
    (
      await found({}, [], {
        ...through,
        tls: { ...facts, validFromMs: nowMs - 90 * day, validToMs: untilMs },
        reply: { ...json, headers: { ...json.headers, ...(date === undefined ? {} : { date }) } },
      })
    ).platform;
  t.is(await showing(nowMs + 60 * day), "ok platform.outrider.test is good until 2026-03-02");
  t.is(
    await showing(nowMs + 3 * day),
    "warning certificate-expiring platform.outrider.test ends on 2026-01-04",
  );
  t.is(
    await showing(nowMs + 60 * day, "Sun, 01 Mar 2026 00:00:00 GMT"),
    "warning certificate-expiring platform.outrider.test ends on 2026-03-02",
  );
  t.is(
    await showing(nowMs + 3 * day, "Mon, 01 Dec 2025 00:00:00 GMT"),
    "ok platform.outrider.test is good until 2026-01-04",
  );
});
