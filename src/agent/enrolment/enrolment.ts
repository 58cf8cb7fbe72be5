import { type ActivationCode, activationKey, activationKeyId } from "../../base/activation-code.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import type { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import {
  ecdsaVerifierFromText,
  hmacKey,
  type SignatureVerifier,
} from "../../protocol/signature/keys.ts";
import type { Transport } from "../../transport/http-transport.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import { waitAfterFailureMs } from "../schedule/schedule.ts";
import { enrol, readDirectory } from "../services/enrolment.ts";
import { UnprovenRefusal } from "../session/reply-errors.ts";
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
  /** The way out before anything of the platform is known. */
  transport(): Transport;
  /** Somebody wants a call now. */
  callNow: WakeUp;
}

/**
 * Another try with the same code is of no use; the console starts the agent anew when it has
 * another one.
 */
const final = new Set(["code-malformed", "code-unknown", "code-expired", "code-used"]);

/** Before the first try beside the work that goes on; and after a refusal that will not change. */
const firstWaitMs = 15_000;
const longestWaitMs = 600_000;

export type EnrolmentOutcome =
  | { kind: "enrolled"; identity: Identity }
  /** The platform has said, and proven that it is the platform, that the code is no good. */
  | { kind: "refused" }
  | { kind: "failed"; waitMs: number };

/** One activation code on its way to an identity. */
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

  /** Of a box that is nobody yet: there is nothing else for it to do. */
  async untilDone(signal: AbortSignal): Promise<Identity> {
    for (;;) {
      this.#parts.callNow.clear();
      const outcome = await this.once(signal);
      if (outcome.kind === "enrolled") return outcome.identity;
      await this.#parts.callNow.wait(
        this.#parts.clock,
        outcome.kind === "failed" ? outcome.waitMs : longestWaitMs,
        signal,
      );
    }
  }

  /**
   * Of a box that is somebody, and goes on being so meanwhile. Null when the platform has refused
   * the code.
   */
  async besides(signal: AbortSignal): Promise<Identity | null> {
    for (let waitMs = firstWaitMs; ; ) {
      await this.#parts.clock.sleep(waitMs, signal);
      const outcome = await this.#try(signal);
      if (outcome.kind === "enrolled") return outcome.identity;
      if (outcome.kind === "refused") return null;
      waitMs = outcome.waitMs;
    }
  }

  /** One try, shown as what the appliance is doing. */
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
      const isFinal = final.has(code);
      const waitMs = waitAfterFailureMs(
        { failures: isFinal ? 10 : this.#failures, retryAfterMs, refusals: 0 },
        random.fraction(),
      );
      log.warning("enrolment failed", { code, detail, nextTryMs: waitMs });
      // Anybody on the way can say that a code is unknown; a box that is somebody does not throw a
      // code away because of that.
      if (isFinal && this.#known && !(error instanceof UnprovenRefusal)) return { kind: "refused" };
      return { kind: "failed", waitMs };
    }
  }

  async #enrol(signal: AbortSignal): Promise<Identity> {
    const {
      identities,
      status,
      clock,
      serverClock,
      random,
      log,
      counters,
      hostname,
      softwareVersion,
    } = this.#parts;
    const code = this.#code;
    const platformUrl = this.#platformUrl;
    // Before anything is sent: the same key answers for the same code, however often it is tried
    // and whatever gets lost.
    const { keyFile, key } = await identities.keyFor(code);
    const codeKey = hmacKey(activationKeyId(code), await activationKey(code));
    const transport = this.#parts.transport();
    try {
      const reply = await status.recordCall("enrolment", signal, async () => {
        const directory = await readDirectory(transport, platformUrl, serverClock.nowMs(), signal);
        // A platform that is known already can prove itself although it does not know the code.
        const knownKeys = (this.#known?.configuration.replyKeys ?? []).map(
          ({ keyId, publicKey }) => [keyId, ecdsaVerifierFromText(publicKey)] as const,
        );
        const replyKeys = new Map<string, SignatureVerifier>([
          [codeKey.keyId, codeKey],
          ...knownKeys,
        ]);
        const client = new SignedClient({
          transport,
          signer: codeKey,
          replyKeys,
          clock,
          serverClock,
          random,
          counters,
          softwareVersion,
          unprovenRefusals: ["code-unknown"],
        });
        return enrol(
          client,
          directory.services.enrolment,
          { key, hostname, softwareVersion },
          signal,
        );
      });
      const {
        applianceId,
        applianceName,
        certificate,
        certificateAuthorities,
        configuration,
        contentRoot,
      } = reply;
      const stored = {
        version: 1 as const,
        applianceId,
        applianceName,
        certificate,
        certificateAuthorities,
        configuration,
        platformUrl,
        keyFile,
      };
      const identity = {
        ...stored,
        enrolledAt: Math.max(0, Math.round(serverClock.nowMs())),
        ...(contentRoot === undefined ? {} : { contentRoot }),
      };
      await identities.save(identity);
      log.info("enrolled", { appliance: applianceId, name: applianceName });
      return { ...identity, key };
    } finally {
      await transport.close();
    }
  }
}

/** Tells configd that the activation code has done its work, until it has heard it. */
export async function reportEnrolled(
  configd: ConfigdClient,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = 1000; !signal.aborted; waitMs = Math.min(60_000, waitMs * 2)) {
    try {
      await configd.call("enrolled", {}, signal);
      return;
    } catch {
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }
}
