import type { Clock } from "../../base/clock.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { Command } from "../../protocol/schemas/commands.ts";
import { announceBundle, sendBundlePart } from "../services/commands.ts";
import type { Session } from "../session/session.ts";
import type { Spool } from "../spool/spool.ts";
import type { StatusStore } from "../status/status-store.ts";
import { makeBundle, uploadBundle } from "./bundle.ts";
import type { Outcome } from "./outcome.ts";

export interface BundleSenderParts {
  session: Pick<Session, "call">;
  configd: ConfigdClient;
  clock: Clock;
  spool: Spool;
  status: StatusStore;
  softwareVersion: string;
  /** Removed from the bundle wherever they stand. */
  secrets: readonly string[];
}

/** Sends support bundles to the platform and shows their state in the status. */
export class BundleSender {
  readonly #parts: BundleSenderParts;

  constructor(parts: BundleSenderParts) {
    this.#parts = parts;
  }

  /** Announces a bundle that the operator asked for; the command to send it is passed to `take`. */
  async announce(take: (command: Command) => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#show("sending");
    try {
      const command = await this.#parts.session.call("results", signal, (client, url) =>
        announceBundle(client, url, signal),
      );
      await take(command);
    } catch (error) {
      this.#show("failed", error);
      throw error;
    }
  }

  /** Makes the bundle of a command and uploads it. */
  async send(command: Command, signal: AbortSignal): Promise<NonNullable<Outcome["bundle"]>> {
    const { session } = this.#parts;
    this.#show("sending");
    try {
      const bundle = await this.#make(signal);
      const sent = await uploadBundle(bundle, (number, content) =>
        session.call("results", signal, (client, url) =>
          sendBundlePart(client, url, command.id, number, content, signal),
        ),
      );
      this.#show("sent");
      return sent;
    } catch (error) {
      if (!signal.aborted) this.#show("failed", error);
      throw error;
    }
  }

  #make(signal: AbortSignal): Promise<Buffer> {
    const { configd, clock, spool, status, softwareVersion, secrets } = this.#parts;
    const facts = async () => ({
      status: status.current,
      spool: spool.figures,
      jobs: spool.jobs().length,
      commands: spool.commands.list(),
    });
    const nowMs = () => clock.nowMs();
    return makeBundle({ configd, softwareVersion, secrets, facts, nowMs }, signal);
  }

  #show(state: "sending" | "sent" | "failed", error?: unknown): void {
    const { status, clock } = this.#parts;
    const failure = error === undefined ? null : status.failureOf(error);
    status.update({ bundle: { state, at: clock.nowMs(), failure } });
  }
}
