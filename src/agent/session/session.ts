import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { errorCodes } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import { ignoring } from "../../base/missing-file.ts";
import type { Random } from "../../base/random.ts";
import type { Configuration, ServiceName } from "../../protocol/schemas/common.ts";
import { ecdsaVerifierFromText, type SignatureVerifier } from "../../protocol/signature/keys.ts";
import type { Transport } from "../../transport/http-transport.ts";
import { isCertificate } from "../../transport/uplink.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import {
  accessRefusals,
  type PlatformAccess,
  type RefusalCode,
} from "../identity/platform-access.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";
import { answeredWith } from "./reply-errors.ts";
import type { ServerClock } from "./server-clock.ts";
import { SignedClient } from "./signed-client.ts";

export interface SessionParts {
  identities: IdentityStore;
  transport: Transport;
  clock: Clock;
  serverClock: ServerClock;
  random: Random;
  status: StatusStore;
  counters: AgentCounters;
  softwareVersion: string;
  log: Log;
  bootId: string;
  /** Updated with each signed reply. */
  access: PlatformAccess;
  certificateChanged?(certificate: string, certificateAuthorities: string): void;
}

type Request<T> = (client: SignedClient, url: string) => Promise<T>;

/**
 * An enrolled appliance at its platform: its identity, the URLs of the services, and the client that
 * signs its requests.
 */
export class Session {
  readonly client: SignedClient;
  readonly #parts: SessionParts;
  readonly #replyKeys = new Map<string, SignatureVerifier>();
  #identity: Identity;

  constructor(identity: Identity, parts: SessionParts) {
    this.#identity = identity;
    this.#parts = parts;
    this.client = new SignedClient({
      transport: parts.transport,
      signer: identity.key.signer(identity.applianceId),
      replyKeys: this.#replyKeys,
      clock: parts.clock,
      serverClock: parts.serverClock,
      random: parts.random,
      counters: parts.counters,
      softwareVersion: parts.softwareVersion,
      bootId: parts.bootId,
    });
    this.#apply(identity.configuration, verifiersOf(identity.configuration));
    parts.status.update({
      applianceId: identity.applianceId,
      applianceName: identity.applianceName,
    });
  }

  get identity(): Identity {
    return this.#identity;
  }

  get configuration(): Configuration {
    return this.#identity.configuration;
  }

  url(service: ServiceName): string {
    return this.#identity.configuration.directory.services[service];
  }

  /** Calls a service, records the outcome in the status, and updates the access. */
  async call<T>(service: ServiceName, signal: AbortSignal, request: Request<T>): Promise<T> {
    const reply = await this.callEvenIfRevoked(service, signal, request);
    await this.#setAccess(null);
    return reply;
  }

  /**
   * As `call`, for requests that the platform accepts from revoked appliances too: a success does
   * not mean that this appliance may work.
   */
  async callEvenIfRevoked<T>(
    service: ServiceName,
    signal: AbortSignal,
    request: Request<T>,
  ): Promise<T> {
    const { status, serverClock } = this.#parts;
    try {
      const reply = await status.recordCall(service, signal, () =>
        request(this.client, this.url(service)),
      );
      status.update({ clockOffsetMs: serverClock.offsetMs() });
      return reply;
    } catch (error) {
      const refusal = answeredWith(error, ...accessRefusals);
      if (refusal !== null) await this.#setAccess(refusal);
      throw error;
    }
  }

  /** Throws OutriderError "service-unexpected" when one of the PEM texts is no certificate. */
  async useCertificate(certificate: string, certificateAuthorities: string): Promise<void> {
    // Checked before it is saved: an unreadable certificate would break all TLS at every start.
    for (const each of [certificate, certificateAuthorities])
      if (!isCertificate(each))
        throw new OutriderError("service-unexpected", { detail: fact("certificate-unreadable") });
    this.#identity = await this.#parts.identities.saveCertificate(
      this.#identity,
      certificate,
      certificateAuthorities,
    );
    this.#parts.certificateChanged?.(certificate, certificateAuthorities);
  }

  /**
   * Saves a new configuration, then applies it. Ignores a version older than the saved one: it is a
   * replay, or the platform's backup was restored.
   *
   * Throws OutriderError "service-unexpected" when a reply key is unreadable.
   */
  async useConfiguration(configuration: Configuration): Promise<void> {
    if (configuration.version < this.#identity.configuration.version) return;
    if (isDeepStrictEqual(configuration, this.#identity.configuration)) return;
    // Read before it is saved: an agent that cannot read its own keys would never start again.
    const verifiers = verifiersOf(configuration);
    this.#identity = await this.#parts.identities.saveConfiguration(this.#identity, configuration);
    this.#apply(configuration, verifiers);
  }

  /** Saves the platform's refusal, so that a revoked appliance stays idle after a restart. */
  async #setAccess(refusal: RefusalCode | null): Promise<void> {
    const { access, log, identities } = this.#parts;
    if (!access.set(refusal)) return;
    if (refusal === null) log.info("platform access granted again");
    else log.error(errorCodes[refusal].what, { code: refusal, remedy: errorCodes[refusal].remedy });
    // On a full disk the refusal holds until the next start; the platform then repeats it.
    const saved = identities.saveRefusal(this.#identity, refusal);
    this.#identity = (await saved.catch(ignoring("the platform repeats it"))) ?? this.#identity;
  }

  #apply(
    { directory, intervalSeconds }: Configuration,
    verifiers: ReadonlyMap<string, SignatureVerifier>,
  ): void {
    this.#replyKeys.clear();
    for (const [keyId, verifier] of verifiers) this.#replyKeys.set(keyId, verifier);
    this.#parts.status.useDirectory(directory);
    this.#parts.status.update({ intervalSeconds });
  }
}

function verifiersOf({ replyKeys }: Configuration): Map<string, SignatureVerifier> {
  return new Map(
    replyKeys.map(({ keyId, publicKey }) => {
      try {
        return [keyId, ecdsaVerifierFromText(publicKey)];
      } catch (error) {
        throw new OutriderError("service-unexpected", {
          detail: fact("reply-key-unreadable", { key: keyId }),
          cause: error,
        });
      }
    }),
  );
}
