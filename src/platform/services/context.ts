import type { Clock } from "../../base/clock.ts";
import type { FailedTries } from "../../base/failed-tries.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Signer } from "../../protocol/signature/keys.ts";
import type { Authorities } from "../certificates/authorities.ts";
import type { CertificateAuthority } from "../certificates/authority.ts";
import type { ReplyKeys } from "../certificates/reply-keys.ts";
import type { ContentRepository } from "../content/repository.ts";
import type { Store } from "../store/store.ts";
import type { Bodies } from "./bodies.ts";
import type { Changes } from "./changes.ts";
import type { ApplianceConfiguration } from "./configuration.ts";
import type { PlatformAddresses } from "./directory.ts";
import type { KeyRolls } from "./key-rolls.ts";
import type { Leases } from "./leases.ts";

/** Dependencies that the services and the operator's side share. */
export interface PlatformContext {
  store: Store;
  /** The one in use: another one later, so that nobody keeps it. */
  readonly authority: CertificateAuthority;
  /** As `authority`. */
  readonly replySigner: Signer;
  /** The platform's certificate authorities for appliances, in PEM, and for their certificates. */
  authorities: Pick<Authorities, "listed">;
  replyKeys: Pick<ReplyKeys, "successions">;
  rolls: KeyRolls;
  addresses: PlatformAddresses;
  configuration: ApplianceConfiguration;
  leases: Leases;
  content: ContentRepository;
  changes: Changes;
  clock: Clock;
  random: Random;
  log: Log;
  bodies: Bodies;
  /** Tries of activation codes with a wrong signature. */
  wrongCodes: FailedTries;
  /** Aborted when the platform ends: held requests are answered at once. */
  ending: AbortSignal;
}
