import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Configuration, ReplyKey } from "../../protocol/schemas/common.ts";
import type { ConfigurationReply, SuccessionsReply } from "../../protocol/schemas/enrolment.ts";
import { successorsOf } from "../../protocol/signature/succession.ts";
import type { Transport } from "../../transport/http-transport.ts";
import { KnownKeys } from "./known-keys.ts";
import { UnknownReplyKey } from "./reply-errors.ts";
import type { SignedClient } from "./signed-client.ts";

/** What an appliance needs to follow its platform to other keys. */
export interface FollowingParts {
  /** A transport that accepts any issuer of a certificate: what it brings proves itself. */
  openTransport(): Transport;
  readSuccessions(
    transport: Transport,
    enrolmentUrl: string,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<SuccessionsReply>;
  readConfiguration(
    client: SignedClient,
    enrolmentUrl: string,
    signal: AbortSignal,
  ): Promise<ConfigurationReply>;
}

export interface CatchUpParts extends FollowingParts {
  client(transport: Transport, keys: KnownKeys): SignedClient;
  clock: Clock;
  /** The platform's time as far as it is known. */
  nowMs(): number;
  log: Log;
  known(): { enrolmentUrl: string; keys: readonly ReplyKey[] };
  /**
   * Takes what a reply brought that one of `keys` signed; returns whether the appliance now knows
   * the platform by other keys than before.
   */
  take(configuration: Configuration, keys: KnownKeys): Promise<boolean>;
}

/**
 * - moved: the appliance knows the platform's present keys now;
 * - in-vain: it knew them already, or cannot learn them;
 * - said-stolen: as in-vain, and a server says, without proof, that a key which is known here was
 *   stolen.
 */
export type CaughtUp = "moved" | "in-vain" | "said-stolen";

/** After a try in vain: what holds it up, a device on the way or a stolen key, stays for a while. */
const pauseMs = 300_000;
const limitMs = 60_000;

/**
 * Follows the platform to keys that were announced while the appliance was away. It learns new
 * reply keys by successions, each signed by a key that it knows or that follows from one, and then
 * all else from a configuration that one of these keys signed for this very request. So the
 * certificate of the server that brings both need not be trusted, as at the enrolment.
 */
export class CatchUp {
  readonly #parts: CatchUpParts;
  #running: Promise<CaughtUp> | null = null;
  #pause: { untilMs: number; after: CaughtUp } | null = null;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** One try at a time, whoever asks. Rejects with an OutriderError, also of the path. */
  run(): Promise<CaughtUp> {
    if (this.#pause !== null && this.#parts.clock.monotonicMs() < this.#pause.untilMs)
      return Promise.resolve(this.#pause.after);
    this.#running ??= this.#try().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #try(): Promise<CaughtUp> {
    const { openTransport, clock, log } = this.#parts;
    const transport = openTransport();
    try {
      const after = await this.#follow(transport, AbortSignal.timeout(limitMs));
      log.warning("asked whether the platform has other keys", { outcome: after });
      this.#pause = after === "moved" ? null : { untilMs: clock.monotonicMs() + pauseMs, after };
      return after;
    } catch (error) {
      log.warning("platform's keys not learnt", { code: asOutriderError(error).code });
      throw error;
    } finally {
      await transport.close();
    }
  }

  async #follow(transport: Transport, signal: AbortSignal): Promise<CaughtUp> {
    const { client, nowMs, known, take, readSuccessions, readConfiguration } = this.#parts;
    const { enrolmentUrl, keys: before } = known();
    const { successions, revoked } = await readSuccessions(
      transport,
      enrolmentUrl,
      nowMs(),
      signal,
    );
    const followers = successorsOf(before, successions, nowMs());
    const keys = new KnownKeys(nowMs, [...before, ...followers]);
    try {
      const { configuration } = await readConfiguration(
        client(transport, keys),
        enrolmentUrl,
        signal,
      );
      return (await take(configuration, keys)) ? "moved" : "in-vain";
    } catch (error) {
      if (!(error instanceof UnknownReplyKey)) throw error;
      return before.some(({ keyId }) => revoked.includes(keyId)) ? "said-stolen" : "in-vain";
    }
  }
}

/** Whether the cause may be that the platform has other keys than the appliance knows. */
export function mayHaveOtherKeys(error: unknown): error is OutriderError {
  return (
    error instanceof UnknownReplyKey ||
    (error instanceof OutriderError && error.code === "tls-intercepted")
  );
}

/** The same error, with what a server said of the key that is known here. */
export function withSaidStolen(error: OutriderError): OutriderError {
  const facts = error.facts ?? [];
  return new OutriderError(error.code, {
    detail: [...facts, fact("keys-said-stolen")],
    cause: error,
  });
}
