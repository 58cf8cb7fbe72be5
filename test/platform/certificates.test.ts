import "reflect-metadata";
import { generateKeyPairSync, webcrypto, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import test from "ava";
import fc from "fast-check";
import type { Clock } from "../../src/base/clock.ts";
import { OutriderError } from "../../src/base/messages/error.ts";
import { systemRandom } from "../../src/base/random.ts";
import {
  CertificateAuthority,
  checkCertificateRequest,
} from "../../src/platform/certificates/authority.ts";
import { loadServerCertificate } from "../../src/platform/certificates/stored-keys.ts";
import { certificateRequest, makeDeviceKeys } from "../testkit/platform/appliance.ts";

const dayMs = 86_400_000;
const clockAt = (now: number): Clock => ({
  nowMs: () => now,
  monotonicMs: () => now,
  sleep: async () => undefined,
});

async function authorityAt(now: number): Promise<CertificateAuthority> {
  const clock = clockAt(now);
  return CertificateAuthority.load(
    await CertificateAuthority.make("Test authority", clock, systemRandom),
    clock,
    systemRandom,
  );
}

test("the authority lasts ten years, the server's certificate one, both from a day ago on", async (t) => {
  const now = Date.UTC(2026, 10, 22);
  const authority = await authorityAt(now);
  const root = new X509Certificate(authority.certificate);
  const server = new X509Certificate(
    (await authority.issueServer(["platform.outrider.test", "198.51.100.10", "2001:db8::1"]))
      .certificate,
  );
  t.true(root.ca);
  t.true(root.verify(root.publicKey));
  t.is(Math.round((root.validToDate.getTime() - now) / dayMs / 365.25), 10);
  t.is((server.validToDate.getTime() - now) / dayMs, 365);
  t.is((now - server.validFromDate.getTime()) / dayMs, 1);
  t.false(server.ca);
  t.true(server.checkIssued(root) && server.verify(root.publicKey));
  t.is(server.checkHost("platform.outrider.test"), "platform.outrider.test");
  t.is(server.checkIP("198.51.100.10"), "198.51.100.10");
  t.is(server.checkIP("2001:db8::1"), "2001:db8::1");
  t.is(server.checkHost("elsewhere.outrider.test"), undefined);
});

test("the kept server certificate serves until it is close to its end, for its names, and for its authority", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-certificate-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const now = Date.UTC(2026, 10, 22);
  const authority = await authorityAt(now);
  const at = async (days: number, names: string[], by = authority) =>
    (await loadServerCertificate(folder, by, names, clockAt(now + days * dayMs))).certificate;
  const first = await at(0, ["a.test", "127.0.0.1"]);
  t.is(await at(300, ["a.test"]), first);
  const renewed = await at(306, ["a.test"]);
  t.not(renewed, first);
  const wider = await at(0, ["a.test", "b.test"]);
  t.not(wider, renewed);
  t.not(await at(0, ["a.test"], await authorityAt(now)), wider);
});

test("no appliance's certificate outlives the authority", async (t) => {
  const now = Date.UTC(2026, 10, 22);
  const pair = await CertificateAuthority.make("Test authority", clockAt(now), systemRandom);
  const later = await CertificateAuthority.load(pair, clockAt(now + 3600 * dayMs), systemRandom);
  const checked = await checkCertificateRequest(await certificateRequest(await makeDeviceKeys()));
  const certificate = new X509Certificate(
    await later.issueAppliance("00000000-0000-4000-8000-000000000001", checked),
  );
  t.is(
    certificate.validToDate.getTime(),
    new X509Certificate(pair.certificate).validToDate.getTime(),
  );
  t.is(
    certificate.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    checked.publicKey,
  );
});

test("only P-256 keys are taken", async (t) => {
  const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, true, [
    "sign",
    "verify",
  ]);
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: "CN=x", keys, signingAlgorithm: { name: "ECDSA", hash: "SHA-384" } },
    webcrypto,
  );
  await t.throwsAsync(checkCertificateRequest(request.toString("pem")), { message: /P-256/ });
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await t.throwsAsync(
    checkCertificateRequest(publicKey.export({ type: "spki", format: "pem" }).toString()),
    { instanceOf: OutriderError },
  );
});

test("whatever comes as a certificate request is either refused with a code or gives the key that signed it", async (t) => {
  const right = Buffer.from(
    (await certificateRequest(await makeDeviceKeys())).replace(/-----[^-]+-----|\s/g, ""),
    "base64",
  );
  const original = await checkCertificateRequest(
    `-----BEGIN CERTIFICATE REQUEST-----\n${right.toString("base64")}\n-----END CERTIFICATE REQUEST-----`,
  );
  const asPem = (der: Uint8Array) =>
    `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  const damaged = fc
    .tuple(fc.nat(right.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([place, mask]) => {
      const copy = Buffer.from(right);
      copy[place] = (copy[place] ?? 0) ^ mask;
      return asPem(copy);
    });
  const inputs = fc.oneof(
    fc.string({ maxLength: 4000 }),
    fc.uint8Array({ maxLength: 600 }).map(asPem),
    damaged,
    fc.nat(right.length).map((end) => asPem(right.subarray(0, end))),
  );
  await fc.assert(
    fc.asyncProperty(inputs, async (pem) => {
      const outcome = await checkCertificateRequest(pem).catch((error: unknown) => error);
      // Some bits of the encoding mean nothing; the key is that of the request all the same.
      if (outcome instanceof OutriderError) t.is(outcome.code, "request-invalid");
      else t.deepEqual(outcome, original, pem);
    }),
    { numRuns: 300 },
  );
});
