import { X509Certificate } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import { renewCertificate } from "../services/enrolment.ts";
import type { Session } from "../session/session.ts";

/**
 * Looked at again after this; the date is what counts, and it may be the platform's clock that
 * moved.
 */
const lookEveryMs = 12 * 3_600_000;
const retryMs = 3_600_000;

/** The moment at two thirds of a certificate's life; null when it cannot be read. */
export function renewalDueAt(certificate: string): number | null {
  try {
    const { validFromDate, validToDate } = new X509Certificate(certificate);
    return validFromDate.getTime() + ((validToDate.getTime() - validFromDate.getTime()) * 2) / 3;
  } catch {
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
 * Has the certificate renewed before it expires, asked for with the key that it is for. One that
 * has expired all the same is renewed too.
 */
export async function keepCertificate(
  { session, clock, nowMs, log, hostname }: RenewalParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let waitMs = lookEveryMs;
    const dueAt = renewalDueAt(session.identity.certificate);
    if (dueAt === null || nowMs() >= dueAt) {
      try {
        const { key } = session.identity;
        const reply = await session.call("enrolment", signal, (client, url) =>
          renewCertificate(client, url, key, hostname || "outrider", signal),
        );
        await session.useCertificate(reply.certificate, reply.certificateAuthorities);
        log.info("certificate renewed", { until: renewalDueAt(reply.certificate) });
      } catch (error) {
        if (signal.aborted) return;
        log.warning("the certificate could not be renewed yet", {
          code: asOutriderError(error).code,
        });
        waitMs = retryMs;
      }
    }
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}
