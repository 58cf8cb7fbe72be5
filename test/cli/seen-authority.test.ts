import test from "ava";
import { seenAuthority } from "../../src/cli/seen-authority.ts";
import type { ConfigdClient } from "../../src/configd/api/api.ts";
import type { CheckResult } from "../../src/protocol/schemas/check-result.ts";
import { describeCertificate } from "../../src/settings/values/certificates.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";

const tls: CheckResult = {
  id: "tls",
  check: "tls",
  subject: "TLS with the platform",
  outcome: "failed",
  code: "tls-untrusted",
  detail: "",
  durationMs: 1,
};

/** A configd whose doctor saw these authorities. */
function sees(...authorities: string[]) {
  const lines: string[] = [];
  const client = {
    call: async () => ({ results: [authorities.length === 0 ? tls : { ...tls, authorities }] }),
  } as unknown as ConfigdClient; // the one verb that is asked
  const output = { line: (text: string) => lines.push(text), json: () => undefined };
  return (fingerprint: string) =>
    seenAuthority(fingerprint, { client, output: output as never, json: false });
}

const sha256 = (pem: string) => describeCertificate(pem)?.fingerprint256 ?? "";

test("the authority whose whole fingerprint was compared is taken, however that is written", async (t) => {
  const [one, two] = [await makeTestAuthority("Box"), await makeTestAuthority("Root")];
  const ask = sees(one.certificate, two.certificate);
  const fingerprint = sha256(two.certificate);
  for (const written of [
    fingerprint,
    fingerprint.toLowerCase(),
    fingerprint.replaceAll(":", ""),
    fingerprint.replaceAll(":", " "),
  ])
    t.is(await ask(written), two.certificate);
});

test("a part of a fingerprint, or something else, is refused before anything is asked", async (t) => {
  const { certificate } = await makeTestAuthority("Box");
  const fingerprint = sha256(certificate);
  for (const written of ["", fingerprint.slice(0, 40), `${fingerprint}:00`, "x".repeat(64)])
    await t.throwsAsync(sees(certificate)(written), { message: /whole SHA-256/ });
});

test("another authority of the same name is not taken, and its fingerprint is shown", async (t) => {
  const [one, other] = [await makeTestAuthority("Box"), await makeTestAuthority("Box")];
  const error = await t.throwsAsync(sees(other.certificate)(sha256(one.certificate)));
  t.like(error, { code: "authority-not-seen" });
  t.true(error?.message.includes(sha256(other.certificate)));
});

test("where nothing is seen, that is said", async (t) => {
  const { certificate } = await makeTestAuthority("Box");
  const error = await t.throwsAsync(sees()(sha256(certificate)));
  t.regex(String(error?.message), /no authority that is not trusted was seen/);
});
