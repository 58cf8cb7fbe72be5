import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { errorCodes } from "../../base/messages/error-codes.ts";
import { ignoring } from "../../base/missing-file.ts";
import type { Random } from "../../base/random.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { Configuration, ReplyKey, ServiceName } from "../../protocol/schemas/common.ts";
import type { Trusts } from "../../protocol/schemas/health.ts";
import type { Transport } from "../../transport/http-transport.ts";
import { isCertificate } from "../../transport/uplink.ts";
import {
  checkAuthorities,
  fingerprintsOf,
  unreadableCertificate,
} from "../identity/authorities.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import {
  accessRefusals,
  type PlatformAccess,
  type RefusalCode,
} from "../identity/platform-access.ts";
import type { StoredIdentity } from "../identity/schemas.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";
import { CatchUp, type FollowingParts, mayHaveOtherKeys, withSaidStolen } from "./catch-up.ts";
import { KnownKeys } from "./known-keys.ts";
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
  /** Without it the appliance does not follow the platform to other keys. */
  following?: FollowingParts;
}

type Request<T> = (client: SignedClient, url: string) => Promise<T>;

/**
 * An enrolled appliance at its platform: its identity, the URLs of the services, and the client that
 * signs its requests.
 */
export class Session {
  readonly client: SignedClient;
  readonly #parts: SessionParts;
  readonly #replyKeys: KnownKeys;
  readonly #catchUp: CatchUp | null;
  /** One change of the identity after the other, each of what the last one left. */
  readonly #changes = new SerialQueue();
  #identity: Identity;
  /** Grows when the appliance knows the platform by other keys. */
  #trustCount = 0;

  constructor(identity: Identity, parts: SessionParts) {
    this.#identity = identity;
    this.#parts = parts;
    this.#replyKeys = new KnownKeys(() => parts.serverClock.nowMs(), replyKeysOf(identity));
    this.client = this.#makeClient(parts.transport, this.#replyKeys);
    this.#catchUp = this.#makeCatchUp();
    this.#show(identity.configuration);
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

  /** By what it knows the platform. */
  get trusts(): Trusts {
    return {
      replyKeys: this.#replyKeys.list.map(({ keyId }) => keyId),
      authorities: fingerprintsOf(this.#identity.certificateAuthorities),
    };
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
        this.#request(service, signal, request),
      );
      await this.#dropEarlierKeys();
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
    if (!isCertificate(certificate)) throw unreadableCertificate();
    checkAuthorities(certificateAuthorities);
    await this.#changes.run(async () => {
      const { identities } = this.#parts;
      const saved = identities.saveCertificate(this.#identity, certificate, certificateAuthorities);
      this.#identity = await saved;
    });
    this.#parts.certificateChanged?.(certificate, certificateAuthorities);
  }

  /**
   * Saves a new configuration, then applies it. Ignores a version older than the saved one: it came
   * late, or the platform's backup was restored.
   *
   * Throws OutriderError "service-unexpected" when a reply key or an authority is unreadable.
   */
  async useConfiguration(configuration: Configuration): Promise<void> {
    await this.#takeConfiguration(configuration);
  }

  /** @returns whether the appliance knows the platform by other keys now */
  #takeConfiguration(configuration: Configuration): Promise<boolean> {
    return this.#changes.run(async () => {
      const before = this.#identity;
      if (configuration.version < before.configuration.version) return false;
      if (isDeepStrictEqual(configuration, before.configuration)) return false;
      // Read before it is saved: an agent that cannot read its own keys would never start again.
      const { replyKeys, certificateAuthorities } = configuration;
      new KnownKeys(() => 0, replyKeys);
      if (certificateAuthorities !== undefined) checkAuthorities(certificateAuthorities);
      const earlier = this.#replyKeys.hasProven(replyKeys)
        ? []
        : without(replyKeysOf(before), replyKeys);
      this.#identity = await this.#parts.identities.saveConfiguration(
        before,
        configuration,
        earlier.slice(0, mostEarlierKeys),
      );
      return this.#applyChange(before);
    });
  }

  /** An earlier key goes only when one that is listed has signed something. */
  async #dropEarlierKeys(): Promise<void> {
    const isOver = () =>
      this.#identity.earlierReplyKeys !== undefined &&
      this.#replyKeys.hasProven(this.#identity.configuration.replyKeys);
    if (!isOver()) return;
    await this.#changes.run(async () => {
      const before = this.#identity;
      if (!isOver()) return;
      const saved = this.#parts.identities.saveConfiguration(before, before.configuration);
      // On a full disk it is dropped later.
      this.#identity = (await saved.catch(ignoring("the key is dropped later"))) ?? before;
      this.#applyChange(before);
    });
  }

  /** @returns whether the appliance knows the platform by other keys now */
  #applyChange(before: Identity): boolean {
    const { certificate, certificateAuthorities, configuration } = this.#identity;
    const isOther =
      certificateAuthorities !== before.certificateAuthorities ||
      !isDeepStrictEqual(replyKeysOf(this.#identity), replyKeysOf(before));
    this.#replyKeys.use(replyKeysOf(this.#identity));
    this.#show(configuration);
    if (certificateAuthorities !== before.certificateAuthorities)
      this.#parts.certificateChanged?.(certificate, certificateAuthorities);
    if (isOther) {
      this.#trustCount++;
      this.#parts.log.info("platform known by other keys", { ...this.trusts });
    }
    return isOther;
  }

  /** Asks once more where the platform turns out to have other keys. */
  async #request<T>(service: ServiceName, signal: AbortSignal, request: Request<T>): Promise<T> {
    const trustCount = this.#trustCount;
    try {
      return await request(this.client, this.url(service));
    } catch (error) {
      if (!this.#catchUp || signal.aborted || !mayHaveOtherKeys(error)) throw error;
      // Unless another call has learnt them meanwhile.
      if (this.#trustCount === trustCount) {
        const outcome = await this.#catchUp.run().catch(ignoring("the first error is the cause"));
        if (outcome === "said-stolen") throw withSaidStolen(error);
        if (outcome !== "moved") throw error;
      }
      return request(this.client, this.url(service));
    }
  }

  #makeClient(transport: Transport, replyKeys: KnownKeys): SignedClient {
    const { clock, serverClock, random, counters, softwareVersion, bootId } = this.#parts;
    return new SignedClient({
      transport,
      signer: this.#identity.key.signer(this.#identity.applianceId),
      replyKeys,
      clock,
      serverClock,
      random,
      counters,
      softwareVersion,
      bootId,
    });
  }

  #makeCatchUp(): CatchUp | null {
    const { following, clock, serverClock, log } = this.#parts;
    if (!following) return null;
    return new CatchUp({
      ...following,
      client: (transport, keys) => this.#makeClient(transport, keys),
      clock,
      nowMs: () => serverClock.nowMs(),
      log,
      known: () => ({ enrolmentUrl: this.url("enrolment"), keys: this.#replyKeys.list }),
      take: (configuration, keys) => {
        this.#replyKeys.learnFrom(keys);
        return this.#takeConfiguration(configuration);
      },
    });
  }

  /** Saves the platform's refusal, so that a revoked appliance stays idle after a restart. */
  async #setAccess(refusal: RefusalCode | null): Promise<void> {
    const { access, log, identities } = this.#parts;
    if (!access.set(refusal)) return;
    if (refusal === null) log.info("platform access granted again");
    else log.error(errorCodes[refusal].what, { code: refusal, remedy: errorCodes[refusal].remedy });
    await this.#changes.run(async () => {
      // On a full disk the refusal holds until the next start; the platform then repeats it.
      const saved = identities.saveRefusal(this.#identity, refusal);
      this.#identity = (await saved.catch(ignoring("the platform repeats it"))) ?? this.#identity;
    });
  }

  #show({ directory, intervalSeconds }: Configuration): void {
    this.#parts.status.useDirectory(directory);
    this.#parts.status.update({ intervalSeconds });
  }
}

/** Most that an identity keeps besides those of its configuration. */
const mostEarlierKeys = 10;

function replyKeysOf({ configuration, earlierReplyKeys = [] }: StoredIdentity): ReplyKey[] {
  return [...configuration.replyKeys, ...earlierReplyKeys];
}

function without(keys: readonly ReplyKey[], others: readonly ReplyKey[]): ReplyKey[] {
  return keys.filter(({ keyId }) => others.every((other) => other.keyId !== keyId));
}
