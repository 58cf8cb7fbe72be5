import { X509Certificate } from "node:crypto";
import test from "ava";
import fc from "fast-check";
import { pemBlocks, pemOfDer } from "../../src/base/pem.ts";
import { type Validation, validateSettings } from "../../src/settings/checks/validate.ts";
import { withTexts } from "../../src/settings/form.ts";
import { defaultSettings, type Settings } from "../../src/settings/model/schema.ts";
import { readZeroTouch } from "../../src/settings/zero-touch/read.ts";
import { makeTestAuthority } from "../testkit/proxies/certificates.ts";

function settingsOf(result: Validation): Settings {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.settings;
}

test("a certificate is taken in any white space, and as base64 of DER", async (t) => {
  const { certificate } = await makeTestAuthority("Example Inspection");
  const body = certificate.replace(/-----[^-]*-----|\s/g, "");
  const other = (await makeTestAuthority("Second")).certificate;
  const spread = (text: string) => [
    text.replaceAll("\n", ""),
    text.replaceAll("\n", " "),
    text.replace(/\s/g, ""),
    text.replaceAll("\n", "\r\n"),
    text.replaceAll("\n", "\\r\\n"),
    text.replaceAll("\n", "\\\\n"),
    text.replaceAll("\n", "\n\n\t"),
    text.replaceAll("\n", "\u00a0"),
    text.replaceAll("CERTIFICATE", "X509 CERTIFICATE"),
    Buffer.from(text).toString("base64"),
    `\ufeff Bag Attributes\n${text}`,
  ];
  const { certificates } = settingsOf(
    withTexts(defaultSettings, { "trust.certificates": certificate }),
  ).trust;
  t.is(certificates.length, 1);
  for (const text of [...spread(certificate), body, body.replace(/.{76}/g, "$&\r\n")]) {
    const typed = withTexts(defaultSettings, { "trust.certificates": text });
    t.deepEqual(settingsOf(typed).trust.certificates, certificates, text);
    const saved = validateSettings({ ...defaultSettings, trust: { certificates: [text] } });
    t.deepEqual(settingsOf(saved).trust.certificates, certificates, text);
  }
  for (const text of spread(`${certificate}${other}`))
    t.is(
      settingsOf(withTexts(defaultSettings, { "trust.certificates": text })).trust.certificates
        .length,
      2,
      text,
    );
});

test("any text as certificates is taken or refused, quickly", (t) => {
  const piece = fc.constantFrom(
    ...["-----BEGIN ", "CERTIFICATE", "-----", "-----END ", "MIIB", "\\n", "\n", "X509 ", " "],
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 40 }),
      (pieces) => pemBlocks(pieces.join("")).every(({ pem }) => pem.startsWith("-----BEGIN ")),
    ),
    { numRuns: 500 },
  );
  const before = process.cpuUsage();
  for (const text of ["-----BEGIN A", "-----BEGIN A-----", "----- ", "-----END A-----BEGIN A"])
    pemBlocks(text.repeat(20_000));
  t.true(process.cpuUsage(before).user < 5_000_000);
});

test("an OVF property's certificate is taken as vCenter's field and XML make it", async (t) => {
  const { certificate } = await makeTestAuthority("Example Inspection");
  const read = (value: string) =>
    readZeroTouch(
      [
        {
          format: "ovf-environment",
          source: "s",
          place: "p",
          text: `<Environment><PropertySection><Property key="trusted_certificates" value="${value}"/></PropertySection></Environment>`,
        },
      ],
      defaultSettings,
      1,
    );
  for (const value of [
    certificate,
    certificate.replaceAll("\n", ""),
    certificate.replaceAll("\n", "&#10;"),
    certificate.replace(/-----[^-]*-----|\n/g, ""),
  ]) {
    const { settings, report } = read(value);
    t.deepEqual(report.problems, []);
    t.is(settings.trust.certificates.length, 1);
  }
  t.regex(read(certificate.slice(0, 200)).report.problems[0]?.message ?? "", /a part is missing/);
});

test("DER becomes PEM, and other bytes do not", async (t) => {
  const { certificate } = await makeTestAuthority("Example Inspection");
  const { raw } = new X509Certificate(certificate);
  t.is(new X509Certificate(pemOfDer(raw) ?? "").subject, "CN=Example Inspection");
  for (const bytes of [Buffer.from(certificate), Buffer.from([]), Buffer.from([0x30, 0x0a])])
    t.is(pemOfDer(bytes), null);
});
