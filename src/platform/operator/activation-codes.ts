import { activationKey, makeActivationCode } from "../../base/activation-code.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { PlatformContext } from "../services/context.ts";
import type { StoredCode } from "../store/appliance-records.ts";
import type { ActivationCodeView, CreatedActivationCode } from "./schemas.ts";

const codeLifetimeMs = 7 * 86_400_000;
/** Expired codes are shown for this long. */
const keptUnusedMs = 90 * 86_400_000;

export class ActivationCodes {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
  }

  /**
   * Makes a code; with `applianceId`, one by which that appliance enrols again and keeps its
   * record. Throws OutriderError "not-found" for an unknown appliance.
   */
  async create(name: string, applianceId: string | null = null): Promise<CreatedActivationCode> {
    const { store, clock, random, changes, addresses } = this.#context;
    const appliance = applianceId === null ? null : await store.appliances.find(applianceId);
    if (applianceId !== null && !appliance)
      throw new OutriderError("not-found", { detail: fact("no-such-appliance") });
    await store.codes.prune(clock.nowMs() - keptUnusedMs);
    // The public part of a code has 25 bits, so that among thousands of codes two may be the same:
    // draw again then.
    for (;;) {
      const code = makeActivationCode(random.bytes(18));
      const now = clock.nowMs();
      const stored = {
        id: code.id,
        name: name.trim() || (appliance?.name ?? ""),
        activationKey: await activationKey(code),
        createdAt: now,
        expiresAt: now + codeLifetimeMs,
        usedAt: null,
        applianceId: null,
        forApplianceId: applianceId,
      };
      if (!(await store.codes.add(stored))) continue;
      changes.publish(null);
      return { ...codeView(stored, now), code: code.text, platformUrl: addresses.url.origin };
    }
  }

  async list(): Promise<ActivationCodeView[]> {
    const now = this.#context.clock.nowMs();
    return (await this.#context.store.codes.list()).map((code) => codeView(code, now));
  }
}

function codeState({ usedAt, expiresAt }: StoredCode, now: number): ActivationCodeView["state"] {
  if (usedAt !== null) return "used";
  return expiresAt <= now ? "expired" : "waiting";
}

function codeView(code: StoredCode, now: number): ActivationCodeView {
  const { id, name, createdAt, expiresAt, usedAt, applianceId, forApplianceId } = code;
  return {
    id,
    name,
    state: codeState(code, now),
    createdAt,
    expiresAt,
    usedAt,
    applianceId,
    forApplianceId,
  };
}
