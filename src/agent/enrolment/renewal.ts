import { X509Certificate } from "node:crypto";
import { ignoringAbort } from "../../base/aborted.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import { isOpenSslError } from "../../base/openssl-error.ts";
import { isIssuedBy } from "../identity/authorities.ts";
import { renewCertificate } from "../services/enrolment.ts";
import type { Session } from "../session/session.ts";

/** How often the certificate's age is checked against the platform's time. */
const checkEveryMs = 12 * 3_600_000;
const retryMs = 3_600_000;

/**
 * The moment at two thirds of a certificate's validity (RFC 5280 section 4.1.2.5: from notBefore to
 * notAfter); null when the certificate cannot be read.
 */
export function renewalDueAt(certificate: string): number | null {
  try {
    const { validFromDate, validToDate } = new X509Certificate(certificate);
    return validFromDate.getTime() + ((validToDate.getTime() - validFromDate.getTime()) * 2) / 3;
  } catch (error) {
    if (!isOpenSslError(error)) throw error;
    return null;
  }
}

export interface RenewalParts {
  session: Pick<Session, "call" | "identity" | "useCertificate">;
  clock: Clock;
  /** The platform's time. */
  nowMs(): number;
  log: Log;
  hostname: string;
}

/**
 * Renews the certificate before it expires, for the same key. A certificate that has expired
 * nevertheless is renewed too: requests are signed with the key itself.
 */
export async function keepCertificate(
  { session, clock, nowMs, log, hostname }: RenewalParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = checkEveryMs;
    const dueAt = renewalDueAt(session.identity.certificate);
    const { certificate, certificateAuthorities } = session.identity;
    // Of an authority that the platform replaced: its end does not matter any more.
    const isOfOther = !isIssuedBy(certificate, certificateAuthorities);
    if (dueAt === null || isOfOther || nowMs() >= dueAt) {
      try {
        const { key } = session.identity;
        const reply = await session.call("enrolment", signal, (client, url) =>
          renewCertificate(client, url, key, hostname || "outrider", signal),
        );
        await session.useCertificate(reply.certificate, reply.certificateAuthorities);
        log.info("certificate renewed", { until: renewalDueAt(reply.certificate) });
      } catch (error) {
        if (signal.aborted) return;
        log.warning("certificate renewal failed", { code: asOutriderError(error).code });
        waitMs = retryMs;
      }
    }
    await clock.sleep(waitMs, signal).catch(ignoringAbort(signal));
  }
}
