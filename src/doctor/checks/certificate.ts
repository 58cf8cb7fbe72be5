import { X509Certificate } from "node:crypto";
import { type Fact, fact } from "../../base/messages/facts.ts";
import { isOpenSslError } from "../../base/openssl-error.ts";
import type { Check } from "../check/check.ts";
import { type Finding, failed, ok, skipped, warning } from "../check/findings.ts";
import type { Subject } from "../check/subject.ts";
import type { Path } from "../path/path.ts";
import { clock, leastOffsetMs } from "./clock.ts";

/** What is left of the validity when a certificate is called expiring: a share, and not too early. */
const lastShare = 0.1;
const soonMs = 14 * 86_400_000;
/** A bundle of authorities has hundreds of certificates; only those at their end are named. */
const mostNamed = 4;

const own: Subject = { id: "certificate:own", subject: "this appliance's certificate" };
const trusted: Subject = { id: "certificate:trusted", subject: "trusted authorities" };
const platform: Subject = { id: "certificate:platform", subject: "the platform's certificate" };

interface Dated {
  name: string;
  fromMs: number;
  untilMs: number;
}

/**
 * Whether certificates end soon: this appliance's own, the authorities that it trusts, and what the
 * platform shows, or what reads along before it. They are judged by the platform's clock where it is
 * known, as the agent judges them.
 */
export const certificate: Check = {
  id: "certificate",
  needs: [clock],
  role: "management",
  subjects: ({ targets, surroundings: { configuration, platform: known } }) => [
    ...(known?.certificate === undefined ? [] : [own]),
    ...(configuration.trustedCertificates.length === 0 && known === null ? [] : [trusted]),
    ...(targets.length === 0 ? [] : [platform]),
  ],
  summary: () => ({ id: "certificate", subject: "certificates" }),
  async run(subject, path) {
    const { surroundings } = path;
    const offsetMs = leastOffsetMs(await path.probes()) ?? 0;
    return [judge(subject, await datedOf(subject, path), surroundings.nowMs() + offsetMs)];
  },
};

async function datedOf(subject: Subject, path: Path): Promise<Dated[]> {
  const { configuration, platform: known } = path.surroundings;
  if (subject === own) return certificatesIn(known?.certificate ?? "").flatMap(datesOf);
  if (subject === trusted)
    return [...configuration.trustedCertificates, known?.certificateAuthorities ?? ""]
      .flatMap(certificatesIn)
      .flatMap(datesOf);
  return (await path.probes())
    .flatMap(({ tls }) => tls ?? [])
    .map(({ subject: name, validFromMs: fromMs, validToMs: untilMs }) => ({
      name,
      fromMs,
      untilMs,
    }));
}

function judge(subject: Subject, dated: readonly Dated[], nowMs: number): Finding {
  if (dated.length === 0) return skipped(subject, fact("certificates-none"));
  const byEnd = dated.toSorted((a, b) => a.untilMs - b.untilMs);
  const ended = named(
    byEnd.filter(({ untilMs }) => untilMs <= nowMs),
    "certificate-ended",
  );
  const ending = named(
    byEnd.filter((each) => each.untilMs > nowMs && isEnding(each, nowMs)),
    "certificate-ends",
  );
  // An authority that has ended beside others that hold is no fault of the path.
  if (ended.length > 0 && subject === own)
    return failed(subject, "certificate-expired", [...ended, ...ending]);
  if (ended.length > 0) return warning(subject, "certificate-expired", [...ended, ...ending]);
  if (ending.length > 0) return warning(subject, "certificate-expiring", ending);
  return ok(subject, named(byEnd.slice(0, 1), "certificate-until"));
}

function isEnding({ fromMs, untilMs }: Dated, nowMs: number): boolean {
  return untilMs - nowMs < Math.min(soonMs, (untilMs - fromMs) * lastShare);
}

function named(
  dated: readonly Dated[],
  code: "certificate-ended" | "certificate-ends" | "certificate-until",
): Fact[] {
  const seen = new Map(dated.map((each) => [`${each.name} ${each.untilMs}`, each]));
  return [...seen.values()]
    .slice(0, mostNamed)
    .map(({ name, untilMs }) =>
      fact(code, { name, until: new Date(untilMs).toISOString().slice(0, 10) }),
    );
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/** One that cannot be read is the transport's to report. */
function datesOf(pem: string): Dated[] {
  try {
    const { subject, validFromDate, validToDate } = new X509Certificate(pem);
    const name = /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.split("\n")[0] ?? "?";
    return [
      {
        name: name.replace(/[^\x20-\x7e]/g, "?").slice(0, 100),
        fromMs: validFromDate.getTime(),
        untilMs: validToDate.getTime(),
      },
    ];
  } catch (error) {
    if (!isOpenSslError(error)) throw error;
    return [];
  }
}
