import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { errorCodes } from "../../base/messages/error-codes.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import type { Configuration, ServiceName } from "../../protocol/schemas/common.ts";
import { ecdsaVerifierFromText, type SignatureVerifier } from "../../protocol/signature/keys.ts";
import type { Transport } from "../../transport/http-transport.ts";
import { isCertificate } from "../../transport/uplink.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import { isRefusal, type PlatformAccess, type RefusalCode } from "../identity/platform-access.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";
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
  /** Told what the platform says of this appliance. */
  standing: PlatformAccess;
  certificateChanged?(certificate: string, certificateAuthorities: string): void;
}

type Call<T> = (client: SignedClient, url: string) => Promise<T>;

/**
 * An enrolled appliance's standing with its platform: who it is, where the services are, and the
 * client that signs for it.
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
      ...parts,
      signer: identity.key.signer(identity.applianceId),
      replyKeys: this.#replyKeys,
    });
    this.#use(identity.configuration, verifiersOf(identity.configuration));
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

  /** A call to one service, noted in the status. */
  async contact<T>(service: ServiceName, signal: AbortSignal, call: Call<T>): Promise<T> {
    const value = await this.contactRevokedToo(service, signal, call);
    await this.#stand(null);
    return value;
  }

  /**
   * As `contact`, for what the platform takes also from those whom it has revoked: that it was
   * taken does not mean that they may work.
   */
  async contactRevokedToo<T>(service: ServiceName, signal: AbortSignal, call: Call<T>): Promise<T> {
    try {
      const value = await this.#parts.status.contact(service, signal, () =>
        call(this.client, this.url(service)),
      );
      this.#parts.status.update({ clockOffsetMs: this.#parts.serverClock.offsetMs() });
      return value;
    } catch (error) {
      // Whoever says so has signed it: nothing else comes through with these codes.
      if (error instanceof OutriderError && isRefusal(error.code)) await this.#stand(error.code);
      throw error;
    }
  }

  async useCertificate(certificate: string, certificateAuthorities: string): Promise<void> {
    // Before they are kept: what cannot be read would make all TLS impossible, at every start from
    // then on.
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
   * Also after the next start: an appliance that was told to stop does not begin again by being
   * switched off and on.
   */
  async #stand(refusal: RefusalCode | null): Promise<void> {
    const { standing, log, identities } = this.#parts;
    if (!standing.set(refusal)) return;
    if (refusal === null) log.info("the platform lets this appliance work again");
    else log.error(errorCodes[refusal].what, { code: refusal, remedy: errorCodes[refusal].remedy });
    // On a full disk it holds until the next start, and is heard again then.
    this.#identity = await identities
      .saveRefusal(this.#identity, refusal)
      .catch(() => this.#identity);
  }

  /**
   * Keeps a new configuration, then goes by it. One that is older than what is known is a replay,
   * or a platform set back: not taken.
   */
  async useConfiguration(configuration: Configuration): Promise<void> {
    if (configuration.version < this.#identity.configuration.version) return;
    if (JSON.stringify(configuration) === JSON.stringify(this.#identity.configuration)) return;
    // Before it is kept: an agent that cannot read its own keys would never start again.
    const verifiers = verifiersOf(configuration);
    this.#identity = await this.#parts.identities.saveConfiguration(this.#identity, configuration);
    this.#use(configuration, verifiers);
  }

  #use(
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
