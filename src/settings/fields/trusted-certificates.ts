import { createHash } from "node:crypto";
import { parseCertificate } from "../values/certificates.ts";
import { quoted } from "../values/field-value.ts";
import type { SettingField } from "./field.ts";

const mostCertificates = 5;
const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Enough to tell two certificates apart. */
function fingerprint(pem: string): string {
  return createHash("sha256")
    .update(pem.replace(/-----[^-]*-----|\s/g, ""), "base64")
    .digest("hex")
    .slice(0, 8);
}

/** PEM in one line: as base64 of the whole, or with \n written out. */
function unpackPem(text: string): string {
  if (text.includes("-----BEGIN")) return text.replaceAll("\\n", "\n");
  const packed = text.replace(/\s+/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(packed)
    ? Buffer.from(packed, "base64").toString("utf8")
    : text;
}

export const trustedCertificates = {
  path: "trust.certificates",
  form: "trust",
  label: "Extra certificates",
  hint: "PEM, one after the other; text between them is passed over.",
  help: "Certificates (PEM) of authorities that are believed besides the built-in ones, on the way to the platform and on no other.",
  input: { kind: "own" },
  text: ({ trust }) => trust.certificates.join(""),
  /** Certificates one after the other; text between them is passed over. */
  put: ({ trust }, text, typed) => {
    trust.certificates = [...text.matchAll(pemBlock)].map(([block]) => `${block}\n`);
    if (trust.certificates.length === 0 && text.trim() !== "")
      typed.note("certificate-malformed", { value: quoted(text.trim()) }, ".0");
  },
  check: ({ trust }, findings) => {
    trust.certificates = findings.takeList(
      "trust.certificates",
      trust.certificates,
      mostCertificates,
      parseCertificate,
    );
  },
  review: {
    term: "Extra certificates",
    value: ({ trust: { certificates } }) =>
      certificates.length === 0
        ? "none"
        : `${certificates.length} (${certificates.map(fingerprint).join(", ")})`,
  },
  needsTrial: true,
  zeroTouch: [
    {
      name: "trusted_certificates",
      means:
        "CA certificates (PEM) for the way to the platform; in one line as base64, or with `\\n` written out",
      text: unpackPem,
    },
  ],
  options: [
    {
      name: "trust-file",
      value: "FILE",
      help: "believe the certificates (PEM) of FILE too, on the way to the platform and on no other",
    },
    { name: "no-trust", help: "forget them all", text: () => "" },
  ],
} as const satisfies SettingField;
