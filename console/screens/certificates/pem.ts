import { pemBlocks } from "../../../src/base/pem.ts";
import type { FieldProblem } from "../../../src/settings/model/problems.ts";
import {
  describeCertificate,
  parseCertificate,
} from "../../../src/settings/values/certificates.ts";
import { problemAt } from "../../../src/settings/values/field-value.ts";

export interface CertificateFacts {
  subject: string;
  issuer: string;
  validTo: string;
  fingerprint: string;
}

export interface CertificatesRead {
  /** In PEM, as they would be saved. */
  good: string[];
  /** What is wrong with the first of the others, or with the text when there is none. */
  problem: FieldProblem | null;
}

/** The authorities' certificates in a text, judged as the settings judge them. */
export function readCertificates(text: string): CertificatesRead {
  const blocks = pemBlocks(text);
  const values = (blocks.length === 0 ? [text] : blocks.map(({ pem }) => pem)).map(
    parseCertificate,
  );
  const wrong = values.find(({ ok }) => !ok);
  return {
    good: values.flatMap((value) => (value.ok ? [value.value] : [])),
    problem: wrong && !wrong.ok ? problemAt("trust.certificates", wrong) : null,
  };
}

/** The lines of a text for the screen: one that was pasted as a single line is cut as PEM is. */
export function pemLines(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line) =>
      line.includes("-----BEGIN ")
        ? (line.match(/-----(?:BEGIN|END)(?: [A-Z0-9]+)*-{0,5}|\S+/g) ?? [])
        : [line],
    );
}

/** The certificates in a text, each as PEM with lines as they should be. */
export function certificatesIn(text: string): string[] {
  return pemBlocks(text).flatMap(({ label, pem }) => (label === "CERTIFICATE" ? [pem] : []));
}

/** Subject, issuer and dates of a certificate; null when it cannot be read. */
export function certificateFacts(pem: string): CertificateFacts | null {
  const facts = describeCertificate(pem);
  if (facts === null) return null;
  const validTo = Number.isFinite(facts.validToMs)
    ? new Date(facts.validToMs).toISOString().slice(0, 10)
    : "";
  return {
    subject: facts.subject,
    issuer: facts.issuer,
    validTo,
    fingerprint: facts.fingerprint256,
  };
}
