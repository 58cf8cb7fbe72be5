import { createHash } from "node:crypto";
import { beginsPem, pemBlocks } from "../../base/pem.ts";
import { parseCertificate } from "../values/certificates.ts";
import { quoted } from "../values/field-value.ts";
import type { SettingField } from "./field.ts";

const mostCertificates = 5;

/** Enough to tell two certificates apart. */
function fingerprint(pem: string): string {
  return createHash("sha256")
    .update(pem.replace(/-----[^-]*-----|\s/g, ""), "base64")
    .digest("hex")
    .slice(0, 8);
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
    trust.certificates = pemBlocks(text).map(({ pem }) => pem);
    if (trust.certificates.length > 0 || text.trim() === "") return;
    if (beginsPem(text)) typed.note("certificate-damaged", undefined, ".0");
    else typed.note("certificate-malformed", { value: quoted(text.trim()) }, ".0");
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
        "CA certificates (PEM) for the way to the platform; in any white space, with `\\n` written out, or in base64",
    },
  ],
  options: [
    {
      name: "trust-file",
      value: "FILE",
      help: "believe the certificates (PEM) of FILE too, on the way to the platform and on no other",
    },
    {
      name: "trust-seen",
      value: "SHA256",
      help: "believe the authority with this fingerprint, which `outrider doctor` saw on the way, too; compare it first",
    },
    { name: "no-trust", help: "forget them all", text: () => "" },
  ],
} as const satisfies SettingField;
