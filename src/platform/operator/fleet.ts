import { OutriderError } from "../../protocol/error.ts";
import type { ApplianceSummary, ApplianceView } from "../api/schemas.ts";
import type { PlatformContext } from "../services/context.ts";
import type { StoredAppliance } from "../store/store.ts";

/** An appliance that was not heard of for so many intervals is called silent. */
const silentAfterIntervals = 2;

type Context = Pick<PlatformContext, "store" | "clock" | "configuration" | "changes" | "log">;

export class Fleet {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async list(): Promise<ApplianceView[]> {
    return (await this.#context.store.appliances.list()).map((appliance) => this.#view(appliance));
  }

  async summaries(): Promise<ApplianceSummary[]> {
    return (await this.list()).map(({ heartbeat: _heartbeat, inventory: _inventory, ...summary }) => summary);
  }

  async find(id: string): Promise<ApplianceView> {
    const appliance = await this.#context.store.appliances.find(id);
    if (!appliance) throw new OutriderError("not-found", { detail: "no such appliance" });
    return this.#view(appliance);
  }

  /** From now on the appliance's requests are refused, and its scans are over. */
  async revoke(id: string): Promise<void> {
    const { store, clock, changes, log } = this.#context;
    if (!(await store.appliances.revoke(id, clock.nowMs()))) throw new OutriderError("not-found", { detail: "no such appliance" });
    log.info("appliance revoked", { appliance: id });
    changes.publish(id);
  }

  #view(appliance: StoredAppliance): ApplianceView {
    const { id, name, hostname, softwareVersion, enrolledAt, revokedAt, lastContactAt, heartbeatAt, seenFrom, heartbeat, inventory } = appliance;
    const state = this.#state(appliance);
    const addresses = heartbeat?.interfaces.flatMap((one) => one.addresses) ?? [];
    return { id, name, hostname, state, softwareVersion, enrolledAt, revokedAt, lastContactAt, heartbeatAt, seenFrom, addresses, heartbeat, inventory };
  }

  #state({ revokedAt, lastContactAt, enrolledAt, heartbeatAt }: StoredAppliance): ApplianceView["state"] {
    if (revokedAt !== null) return "revoked";
    const { clock, configuration } = this.#context;
    const silentForMs = clock.nowMs() - (lastContactAt ?? enrolledAt);
    if (silentForMs > silentAfterIntervals * configuration.current.intervalSeconds * 1000) return "silent";
    return heartbeatAt === null ? "never" : "online";
  }
}
