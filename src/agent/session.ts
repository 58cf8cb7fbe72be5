import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import { OutriderError } from "../protocol/error.ts";
import type { Configuration, ServiceName } from "../protocol/schemas/common.ts";
import { ecdsaSigner, ecdsaVerifierFromText, type SignatureVerifier } from "../protocol/signature/keys.ts";
import type { Transport } from "../transport/http-transport.ts";
import type { Identity, IdentityStore } from "./identity/identity-store.ts";
import type { ServerClock } from "./server-clock.ts";
import { SignedClient } from "./signed-client.ts";
import type { StatusStore } from "./status/status-store.ts";

export interface SessionParts {
  identities: IdentityStore;
  transport: Transport;
  clock: Clock;
  serverClock: ServerClock;
  random: Random;
  status: StatusStore;
  counters: { requests: number; failures: number };
  softwareVersion: string;
}

/** An enrolled appliance's standing with its platform: who it is, where the services are, and the client that signs for it. */
export class Session {
  readonly client: SignedClient;
  readonly #parts: SessionParts;
  readonly #replyKeys = new Map<string, SignatureVerifier>();
  #identity: Identity;

  constructor(identity: Identity, parts: SessionParts) {
    this.#identity = identity;
    this.#parts = parts;
    this.client = new SignedClient({ ...parts, signer: ecdsaSigner(identity.applianceId, identity.privateKey), replyKeys: this.#replyKeys });
    this.#use(identity.configuration, verifiersOf(identity.configuration));
    parts.status.update({ applianceId: identity.applianceId, applianceName: identity.applianceName });
  }

  get configuration(): Configuration {
    return this.#identity.configuration;
  }

  url(service: ServiceName): string {
    return this.#identity.configuration.directory.services[service];
  }

  /** A call to one service, noted in the status. */
  async contact<T>(service: ServiceName, signal: AbortSignal, call: (client: SignedClient, url: string) => Promise<T>): Promise<T> {
    const value = await this.#parts.status.contact(service, signal, () => call(this.client, this.url(service)));
    this.#parts.status.update({ clockOffsetMs: this.#parts.serverClock.offsetMs() });
    return value;
  }

  /** Keeps a new configuration, then goes by it. One that is older than what is known is a replay, or a platform set back: not taken. */
  async useConfiguration(configuration: Configuration): Promise<void> {
    if (configuration.version < this.#identity.configuration.version) return;
    if (JSON.stringify(configuration) === JSON.stringify(this.#identity.configuration)) return;
    // Before it is kept: an agent that cannot read its own keys would never start again.
    const verifiers = verifiersOf(configuration);
    this.#identity = await this.#parts.identities.saveConfiguration(this.#identity, configuration);
    this.#use(configuration, verifiers);
  }

  #use({ directory, intervalSeconds }: Configuration, verifiers: ReadonlyMap<string, SignatureVerifier>): void {
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
        throw new OutriderError("service-unexpected", { detail: `the platform's reply key ${keyId} cannot be read`, cause: error });
      }
    }),
  );
}
