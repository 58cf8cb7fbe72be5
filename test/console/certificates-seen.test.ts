import test from "ava";
import { startCertificates } from "../../console/screens/certificates/model.ts";
import { defaultSettings } from "../../src/settings/model/schema.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";

test("of what Diagnostics hands over, only authorities are offered, and nothing is added by itself", async (t) => {
  const authority = await makeTestAuthority("Corp Box");
  const leaf = (await authority.issue(["platform.example.org"])).certificate.trim();
  const { adding, certificates } = startCertificates(defaultSettings, [
    leaf,
    "no certificate",
    authority.certificate,
  ]);
  t.deepEqual(certificates, []);
  t.deepEqual(adding, { from: "way", seen: [authority.certificate], selected: 0 });
});

test("where nothing of it is an authority, the list of certificates opens as always", async (t) => {
  const authority = await makeTestAuthority("Corp Box");
  const leaf = (await authority.issue(["platform.example.org"])).certificate.trim();
  for (const seen of [[], [leaf], ["no certificate"], undefined])
    t.is(startCertificates(defaultSettings, seen).adding, null);
});
