import { X509Certificate } from "node:crypto";
import test from "ava";
import {
  callEnrolment,
  certificateRequest,
  enrolAppliance,
  makeDeviceKeys,
} from "../testkit/platform/appliance.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(() => platform.remove());

const options = (code: string) => ({
  platformUrl: platform.url,
  dispatcher: platform.dispatcher,
  code,
});
const errorOf = (body: unknown) =>
  typeof body === "object" && body !== null && "error" in body ? body.error : undefined;

test("a code enrols an appliance: certificate for its id, authority, configuration", async (t) => {
  const { code } = await platform.api.makeCode("Berlin office");
  const { enrolment, configuration } = await enrolAppliance(options(code));
  t.is(enrolment.applianceName, "Berlin office");
  const certificate = new X509Certificate(enrolment.certificate);
  t.is(certificate.subject, `CN=${enrolment.applianceId}`);
  t.true(certificate.verify(new X509Certificate(enrolment.certificateAuthorities).publicKey));
  t.is(configuration.intervalSeconds, 180);
  t.is(configuration.directory.services.jobs, `${platform.url}/jobs/v1`);
  const codes = await platform.api.codes();
  t.like(
    codes.find(({ applianceId }) => applianceId === enrolment.applianceId),
    { state: "used", id: code.slice(0, 5) },
  );
});

test("an appliance without a name from the code is called by its host name", async (t) => {
  const { code } = await platform.api.makeCode();
  t.is(
    (await enrolAppliance({ ...options(code), hostname: "scanner-7" })).enrolment.applianceName,
    "scanner-7",
  );
});

test("the same code and key give the same appliance again, another key is refused", async (t) => {
  const { code } = await platform.api.makeCode();
  const keys = await makeDeviceKeys();
  const first = await enrolAppliance({ ...options(code), keys });
  const second = await enrolAppliance({ ...options(code), keys });
  t.is(second.id, first.id);
  t.is(second.enrolment.certificate, first.enrolment.certificate);
  const stranger = await callEnrolment(options(code));
  t.is(stranger.status, 403);
  t.like(errorOf(stranger.body), { code: "code-used" });
  t.true(stranger.verification.ok, "the refusal is signed with the code's key");
});

test("a known key with a new code keeps its appliance", async (t) => {
  const keys = await makeDeviceKeys();
  const first = await enrolAppliance({ ...options((await platform.api.makeCode()).code), keys });
  const second = await enrolAppliance({ ...options((await platform.api.makeCode()).code), keys });
  t.is(second.id, first.id);
});

test("a revoked appliance cannot come back with its old code, but with a new one", async (t) => {
  const keys = await makeDeviceKeys();
  const { code } = await platform.api.makeCode();
  const first = await enrolAppliance({ ...options(code), keys });
  await platform.api.revoke(first.id);
  t.like(errorOf((await callEnrolment({ ...options(code), keys })).body), { code: "code-used" });
  const second = await enrolAppliance({ ...options((await platform.api.makeCode()).code), keys });
  t.not(second.id, first.id);
  await t.notThrowsAsync(second.beat());
});

test("an unknown code is refused", async (t) => {
  // A well-formed code that this platform never made.
  const answer = await callEnrolment(options("00000-00000-00000-00000"));
  t.is(answer.status, 403);
  t.like(errorOf(answer.body), { code: "code-unknown" });
});

test("a code whose secret is wrong is refused, whatever else is right", async (t) => {
  const { code } = await platform.api.makeCode();
  const answer = await callEnrolment(options(code), {
    headers: (fields) => ({
      ...fields,
      signature: `outrider=:${Buffer.alloc(32, 7).toString("base64")}:`,
    }),
  });
  t.is(answer.status, 403);
  t.like(errorOf(answer.body), { code: "code-unknown" });
});

test("a certificate request that is not signed with its own key is refused", async (t) => {
  const { code } = await platform.api.makeCode();
  const right = Buffer.from(
    (await certificateRequest(await makeDeviceKeys())).replace(/-----[^-]+-----|\s/g, ""),
    "base64",
  );
  right[right.length - 1] = (right[right.length - 1] ?? 0) ^ 1;
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${right.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
  const answer = await callEnrolment(options(code), { certificateRequest: pem });
  t.is(answer.status, 422);
  t.like(errorOf(answer.body), { code: "request-invalid" });
  t.like(errorOf((await callEnrolment(options(code), { certificateRequest: "nonsense" })).body), {
    code: "request-invalid",
  });
  await t.notThrowsAsync(enrolAppliance(options(code)), "the code is still good");
});

test("the configuration can be asked for, and its version grows with the interval", async (t) => {
  // The interval is one for the whole platform, so this one is not the other tests'.
  const own = await startPlatform();
  t.teardown(() => own.remove());
  const { code } = await own.api.makeCode();
  const { url: platformUrl, dispatcher } = own;
  const appliance = await enrolAppliance({ platformUrl, dispatcher, code });
  const before = (await appliance.beat()).versions.configuration;
  await own.api.changeSettings({ intervalSeconds: 60 });
  t.true((await appliance.beat()).versions.configuration > before);
  const answer = await appliance.call("enrolment", "GET", "/configuration");
  t.true(answer.verification.ok);
  t.like(answer.body, { configuration: { intervalSeconds: 60 } });
});
