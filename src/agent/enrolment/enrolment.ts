import { ignoringAbort } from "../../base/aborted.ts";
import { type ActivationCode, activationKey, activationKeyId } from "../../base/activation-code.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import type { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { EnrolmentReply } from "../../protocol/schemas/enrolment.ts";
import {
  ecdsaVerifierFromText,
  hmacKey,
  type SignatureVerifier,
  type Signer,
} from "../../protocol/signature/keys.ts";
import type { Transport } from "../../transport/http-transport.ts";
import type { DeviceKey } from "../identity/device-key.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import { enrol, readDirectory } from "../services/enrolment.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { ServerClock } from "../session/server-clock.ts";
import { SignedClient } from "../session/signed-client.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";

export interface EnrolmentParts {
  identities: IdentityStore;
  status: StatusStore;
  clock: Clock;
  serverClock: ServerClock;
  random: Random;
  log: Log;
  counters: AgentCounters;
  hostname: string;
  softwareVersion: string;
  /** A transport that trusts no authority of a platform yet. */
  transport(): Transport;
  /** Raised when the agent shall call home at once. */
  wakeUp: WakeUp;
}

/**
 * The platform says that it does not know the code, or not any more. The next try waits longer: with
 * another code configd restarts the agent.
 */
const slow: ReadonlySet<string> = new Set(["code-unknown", "code-expired", "code-used"]);

/** Before the first try in the background. */
const firstWaitMs = 15_000;
/** After a refusal that will not change. */
const longestWaitMs = 600_000;

export type EnrolmentOutcome =
  | { kind: "enrolled"; identity: Identity }
  /** The platform verified the request, and said that the code is good no more. */
  | { kind: "refused" }
  | { kind: "failed"; waitMs: number };

/** Exchanges one activation code for an identity. */
export class Enrolment {
  readonly #platformUrl: string;
  readonly #code: ActivationCode;
  readonly #known: Identity | null;
  readonly #parts: EnrolmentParts;
  #failures = 0;

  constructor(
    platformUrl: string,
    code: ActivationCode,
    known: Identity | null,
    parts: EnrolmentParts,
  ) {
    this.#platformUrl = platformUrl;
    this.#code = code;
    this.#known = known;
    this.#parts = parts;
  }

  /** For an appliance without an identity. Rejects when `signal` is aborted. */
  async untilEnrolled(signal: AbortSignal): Promise<Identity> {
    const { wakeUp, clock } = this.#parts;
    for (;;) {
      wakeUp.clear();
      const outcome = await this.once(signal);
      if (outcome.kind === "enrolled") return outcome.identity;
      const waitMs = outcome.kind === "failed" ? outcome.waitMs : longestWaitMs;
      await wakeUp.wait(clock, waitMs, signal);
    }
  }

  /**
   * For an appliance that has an identity and keeps working with it meanwhile. Null when the
   * platform has refused the code; rejects when `signal` is aborted.
   */
  async inBackground(signal: AbortSignal): Promise<Identity | null> {
    for (let waitMs = firstWaitMs; ; ) {
      await this.#parts.clock.sleep(waitMs, signal);
      const outcome = await this.#try(signal);
      if (outcome.kind === "enrolled") return outcome.identity;
      if (outcome.kind === "refused") return null;
      waitMs = outcome.waitMs;
    }
  }

  /** Tries once, and shows that in the status as the appliance's state. */
  async once(signal: AbortSignal): Promise<EnrolmentOutcome> {
    const { status, clock } = this.#parts;
    status.update({ state: "enrolling", nextCallAt: null });
    const outcome = await this.#try(signal);
    const failure = status.current.services.enrolment.failure;
    if (outcome.kind !== "enrolled")
      status.update({
        state: "enrolment-failed",
        failure,
        nextCallAt: outcome.kind === "failed" ? Math.round(clock.nowMs() + outcome.waitMs) : null,
      });
    return outcome;
  }

  async #try(signal: AbortSignal): Promise<EnrolmentOutcome> {
    const { log, random } = this.#parts;
    signal.throwIfAborted();
    try {
      return { kind: "enrolled", identity: await this.#enrol(signal) };
    } catch (error) {
      signal.throwIfAborted();
      this.#failures++;
      const { code, detail, retryAfterMs } = asOutriderError(error);
      const waitMs = waitAfterFailureMs(
        { failures: slow.has(code) ? 10 : this.#failures, retryAfterMs, refusals: 0 },
        random.fraction(),
      );
      log.warning("enrolment failed", { code, detail, nextTryMs: waitMs });
      // That a code is unknown can be the work of somebody on the way, who names another one to the
      // platform: an enrolled appliance does not drop its new code because of it.
      if (this.#known && answeredWith(error, "code-expired", "code-used"))
        return { kind: "refused" };
      return { kind: "failed", waitMs };
    }
  }

  async #enrol(signal: AbortSignal): Promise<Identity> {
    const { identities, serverClock, log } = this.#parts;
    // Stored before anything is sent: every try with this code uses the same key, so a lost reply
    // can be asked for again.
    const { keyFile, key } = await identities.keyFor(this.#code);
    const reply = await this.#request(key, signal);
    const identity = {
      version: 1 as const,
      applianceId: reply.applianceId,
      applianceName: reply.applianceName,
      certificate: reply.certificate,
      certificateAuthorities: reply.certificateAuthorities,
      configuration: reply.configuration,
      platformUrl: this.#platformUrl,
      keyFile,
      enrolledAt: Math.max(0, Math.round(serverClock.nowMs())),
      ...(reply.contentRoot === undefined ? {} : { contentRoot: reply.contentRoot }),
    };
    await identities.save(identity);
    log.info("enrolled", { appliance: identity.applianceId, name: identity.applianceName });
    return { ...identity, key };
  }

  async #request(key: DeviceKey, signal: AbortSignal): Promise<EnrolmentReply> {
    const { status, serverClock, hostname, softwareVersion } = this.#parts;
    const codeKey = hmacKey(activationKeyId(this.#code), await activationKey(this.#code));
    const transport = this.#parts.transport();
    try {
      return await status.recordCall("enrolment", signal, async () => {
        const nowMs = serverClock.nowMs();
        const directory = await readDirectory(transport, this.#platformUrl, nowMs, signal);
        return enrol(
          this.#client(transport, codeKey),
          directory.services.enrolment,
          { key, hostname, softwareVersion },
          signal,
        );
      });
    } finally {
      await transport.close();
    }
  }

  /** Signs with the key of the code, and accepts replies signed with it. */
  #client(transport: Transport, codeKey: Signer & SignatureVerifier): SignedClient {
    const { clock, serverClock, random, counters, softwareVersion } = this.#parts;
    // The key of the code proves an answer. A platform that the appliance knows signs refusals with
    // its own key, as long as the request has not proven itself.
    const knownKeys = (this.#known?.configuration.replyKeys ?? []).map(
      ({ keyId, publicKey }) => [keyId, ecdsaVerifierFromText(publicKey)] as const,
    );
    return new SignedClient({
      transport,
      signer: codeKey,
      replyKeys: new Map([[codeKey.keyId, codeKey]]),
      refusalKeys: new Map<string, SignatureVerifier>(knownKeys),
      clock,
      serverClock,
      random,
      counters,
      softwareVersion,
      unprovenRefusals: ["code-unknown"],
    });
  }
}

/** Reports to configd that the activation code was used; repeats it until configd has replied. */
export async function reportEnrolled(
  configd: ConfigdClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = 1000; !signal.aborted; waitMs = Math.min(60_000, waitMs * 2)) {
    try {
      await configd.call("enrolled", {}, signal);
      return;
    } catch (error) {
      if (!signal.aborted && !(error instanceof OutriderError)) throw error;
      await clock.sleep(waitMs, signal).catch(ignoringAbort(signal));
    }
  }
}
