import { webcrypto } from "node:crypto";
import test from "ava";
import { Agent } from "undici";
import { makeDeviceKeys } from "../testkit/platform/appliance.ts";
import { enrolAt } from "../testkit/platform/enrol.ts";
import { startPlatform, type TestPlatform } from "../testkit/platform/platform.ts";

let platform: TestPlatform;
test.before(async () => {
  platform = await startPlatform();
});
test.after.always(async () => {
  await platform?.remove();
});

async function enrol() {
  const keys = await makeDeviceKeys();
  const appliance = await enrolAt(platform, { keys });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString(
    "base64",
  );
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join("\n")}\n-----END PRIVATE KEY-----\n`;
  const withCertificate = new Agent({
    connect: { ca: platform.certificateAuthority, cert: appliance.enrolment.certificate, key },
  });
  return { appliance, withCertificate };
}

test("a client certificate is taken where it passes, nothing is missed where it does not, and another one's is refused", async (t) => {
  const [first, second] = [await enrol(), await enrol()];
  t.teardown(
    async () =>
      void (await Promise.all([first.withCertificate.close(), second.withCertificate.close()])),
  );
  await first.appliance.beat();
  first.appliance.dispatcher = first.withCertificate;
  await first.appliance.beat();
  second.appliance.dispatcher = first.withCertificate;
  const answer = await second.appliance.call(
    "health",
    "POST",
    "/heartbeats",
    second.appliance.heartbeat(),
  );
  t.is(answer.status, 401);
  t.regex(JSON.stringify(answer.body), /certificate is another appliance's/);
});
