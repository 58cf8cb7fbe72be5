import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { ConfigdClient } from "../configd/api.ts";
import { type ActivationCode, activationKey, activationKeyId } from "../protocol/activation-code.ts";
import { asOutriderError } from "../protocol/error.ts";
import { hmacKey } from "../protocol/signature/keys.ts";
import type { Transport } from "../transport/http-transport.ts";
import type { Identity, IdentityStore } from "./identity/identity-store.ts";
import { waitAfterFailureMs } from "./schedule.ts";
import type { ServerClock } from "./server-clock.ts";
import { enrol, readDirectory } from "./services/enrolment.ts";
import { SignedClient } from "./signed-client.ts";
import type { StatusStore } from "./status/status-store.ts";
import type { Signal } from "./wake.ts";

export interface EnrolmentParts {
  identities: IdentityStore;
  status: StatusStore;
  clock: Clock;
  serverClock: ServerClock;
  random: Random;
  log: Log;
  counters: { requests: number; failures: number };
  hostname: string;
  softwareVersion: string;
  /** The way out before anything of the platform is known. */
  transport(): Transport;
  /** Somebody wants a call now. */
  callNow: Signal;
}

/** Another try with the same code is of no use; the console starts the agent anew when it has another one. */
const final = new Set(["code-malformed", "code-unknown", "code-expired", "code-used"]);

/** Enrols until it works. An appliance that is somebody already gives up on a code that is no good, and stays who it is. */
export async function enrolUntilDone(
  platformUrl: string,
  code: ActivationCode,
  known: Identity | null,
  parts: EnrolmentParts,
  signal: AbortSignal,
): Promise<Identity> {
  const { status, clock, random, log, callNow } = parts;
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    callNow.clear();
    status.update({ state: "enrolling", nextCallAt: null });
    try {
      return await enrolOnce(platformUrl, code, parts, signal);
    } catch (error) {
      signal.throwIfAborted();
      failures++;
      const { code: failureCode, retryAfterMs } = asOutriderError(error);
      const waitMs = waitAfterFailureMs({ failures: final.has(failureCode) ? 10 : failures, retryAfterMs, refusals: 0 }, random.fraction());
      const failure = status.failureOf(error);
      status.update({ state: "enrolment-failed", failure, nextCallAt: clock.nowMs() + waitMs });
      log.warning("enrolment failed", { code: failure.code, detail: failure.detail, nextTryMs: waitMs });
      if (known && final.has(failureCode)) return known;
      await callNow.wait(clock, waitMs, signal);
    }
  }
}

async function enrolOnce(platformUrl: string, code: ActivationCode, parts: EnrolmentParts, signal: AbortSignal): Promise<Identity> {
  const { identities, status, clock, serverClock, random, log, counters, hostname, softwareVersion } = parts;
  // Before anything is sent: the same key answers for the same code, however often it is tried and whatever gets lost.
  const { keyFile, privateKey } = await identities.keyFor(code);
  const key = hmacKey(activationKeyId(code), await activationKey(code));
  const transport = parts.transport();
  try {
    const reply = await status.contact("enrolment", signal, async () => {
      const directory = await readDirectory(transport, platformUrl, serverClock.nowMs(), signal);
      const replyKeys = new Map([[key.keyId, key]]);
      const client = new SignedClient({
        transport,
        signer: key,
        replyKeys,
        clock,
        serverClock,
        random,
        counters,
        softwareVersion,
        unprovenRefusals: ["code-unknown"],
      });
      return enrol(client, directory.services.enrolment, { privateKey, hostname, softwareVersion }, signal);
    });
    const { applianceId, applianceName, certificate, certificateAuthorities, configuration, contentRoot } = reply;
    const stored = { version: 1 as const, applianceId, applianceName, certificate, certificateAuthorities, configuration, platformUrl, keyFile };
    const identity = { ...stored, enrolledAt: Math.max(0, Math.round(serverClock.nowMs())), ...(contentRoot === undefined ? {} : { contentRoot }) };
    await identities.save(identity);
    log.info("enrolled", { appliance: applianceId, name: applianceName });
    return { ...identity, privateKey };
  } finally {
    await transport.close();
  }
}

/** Tells configd that the activation code has done its work, until it has heard it. */
export async function reportEnrolled(configd: ConfigdClient, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let waitMs = 1000; !signal.aborted; waitMs = Math.min(60_000, waitMs * 2)) {
    try {
      await configd.call("enrolled", {}, signal);
      return;
    } catch {
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }
}
