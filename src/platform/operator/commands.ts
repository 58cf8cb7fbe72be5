import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { type CommandKind, commandKinds } from "../../protocol/schemas/commands.ts";
import type { PlatformContext } from "../services/context.ts";
import type { StoredCommand } from "../store/job-records.ts";
import type { CommandView, NewCommand } from "./schemas.ts";

const minuteMs = 60_000;
/**
 * How long each command may wait for an appliance that cannot be reached. Commands that interrupt
 * the site's work expire early, so that they do not surprise people hours later.
 */
const lifetimesMs: Record<CommandKind, number> = {
  reboot: 15 * minuteMs,
  network: 15 * minuteMs,
  "check-in": 60 * minuteMs,
  doctor: 60 * minuteMs,
  "support-bundle": 24 * 60 * minuteMs,
  update: 24 * 60 * minuteMs,
  decommission: 24 * 60 * minuteMs,
};
/** A command that began in time may take this much longer. */
const answerTimeMs = 60 * minuteMs;
const mostShown = 50;

/** Commands to appliances, and their results. */
export class Commands {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /** Throws OutriderError "not-found" for an unknown or revoked appliance. */
  async give(applianceId: string, { kind, network }: NewCommand): Promise<CommandView> {
    const { store, random, clock, changes, log } = this.#context;
    const appliance = await store.appliances.find(applianceId);
    if (!appliance || appliance.revokedAt !== null)
      throw new OutriderError("not-found", { detail: fact("no-such-appliance") });
    if ((kind === "network") !== (network !== undefined))
      throw new OutriderError("request-invalid", {
        detail: fact("network-change-alone"),
      });
    const now = clock.nowMs();
    const id = random.uuid();
    await store.commands.add(
      { id, applianceId, kind, network: network ?? null, expiresAt: now + lifetimesMs[kind] },
      now,
    );
    log.info("command given", { command: id, kind, appliance: applianceId });
    changes.publish(applianceId);
    return this.find(id);
  }

  async find(id: string): Promise<CommandView> {
    const command = await this.#context.store.commands.find(id);
    if (!command) throw new OutriderError("not-found", { detail: fact("no-such-command") });
    return this.#view(command);
  }

  /** Newest first. */
  async list(applianceId: string): Promise<CommandView[]> {
    return (await this.#context.store.commands.list(applianceId, mostShown)).map((command) =>
      this.#view(command),
    );
  }

  /** The support bundle (tar.gz). Throws OutriderError "not-found" until it is whole. */
  async bundle(id: string): Promise<Buffer> {
    const bundle = await this.#context.store.commands.bundle(id);
    if (!bundle) throw new OutriderError("not-found", { detail: fact("bundle-not-whole") });
    return bundle;
  }

  #view(command: StoredCommand): CommandView {
    const { id, applianceId, kind, network, createdAt, expiresAt, givenAt, endedAt, result } =
      command;
    return {
      id,
      applianceId,
      kind,
      network,
      state: this.#state(command),
      createdAt,
      expiresAt,
      givenAt,
      endedAt,
      result,
    };
  }

  #state({ endState, endedAt, givenAt, expiresAt }: StoredCommand): CommandView["state"] {
    const now = this.#context.clock.nowMs();
    if (endedAt !== null) return endState ?? "expired";
    if (now > expiresAt + answerTimeMs) return givenAt === null ? "expired" : "unanswered";
    return givenAt === null ? "waiting" : "given-out";
  }
}

export function isCommandKind(text: string): text is CommandKind {
  return commandKinds.some((kind) => kind === text);
}
