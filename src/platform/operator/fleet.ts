import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { PlatformContext } from "../services/context.ts";
import type { StoredAppliance } from "../store/appliance-records.ts";
import type { PageOf } from "../store/page.ts";
import type { ApplianceSummary, ApplianceView, MachineView, OutageView } from "./schemas.ts";

/** An appliance that has not called for this many intervals is silent. */
const silentAfterIntervals = 2;

const mostOutages = 50;

type Context = Pick<PlatformContext, "store" | "clock" | "configuration" | "changes" | "log">;

export class Fleet {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async list(page?: PageOf): Promise<ApplianceView[]> {
    return (await this.#context.store.appliances.list(page)).map((appliance) =>
      this.#view(appliance),
    );
  }

  count(): Promise<number> {
    return this.#context.store.appliances.count();
  }

  async summaries(page?: PageOf): Promise<ApplianceSummary[]> {
    return (await this.list(page)).map(
      ({ heartbeat: _heartbeat, inventory: _inventory, ...summary }) => summary,
    );
  }

  async find(id: string): Promise<ApplianceView> {
    const appliance = await this.#context.store.appliances.find(id);
    if (!appliance) throw new OutriderError("not-found", { detail: fact("no-such-appliance") });
    return this.#view(appliance);
  }

  /** The machines that called under this appliance's identity, newest first. */
  async machines(id: string): Promise<MachineView[]> {
    const { bootId } = await this.find(id);
    return (await this.#context.store.appliances.boots(id)).map((boot) => ({
      ...boot,
      present: boot.bootId === bootId,
    }));
  }

  /** Newest first. */
  async outages(id: string): Promise<OutageView[]> {
    await this.find(id);
    return this.#context.store.appliances.outages(id, mostOutages);
  }

  /** Lets machines that were taken for copies work again. */
  async allowCopies(id: string): Promise<void> {
    await this.find(id);
    await this.#context.store.appliances.forgetBoots(id);
    this.#context.changes.publish(id);
  }

  /** Refuses the appliance's requests from now on and ends its scans. Throws OutriderError "not-found". */
  async revoke(id: string): Promise<void> {
    const { store, clock, changes, log } = this.#context;
    if (!(await store.appliances.revoke(id, clock.nowMs())))
      throw new OutriderError("not-found", { detail: fact("no-such-appliance") });
    log.info("appliance revoked", { appliance: id });
    changes.publish(id);
  }

  #view(appliance: StoredAppliance): ApplianceView {
    const {
      id,
      name,
      hostname,
      softwareVersion,
      enrolledAt,
      revokedAt,
      lastContactAt,
      heartbeatAt,
      seenFrom,
      heartbeat,
      inventory,
      bootId,
      restoredAt,
    } = appliance;
    const state = this.#state(appliance);
    const addresses = heartbeat?.interfaces.flatMap((one) => one.addresses) ?? [];
    return {
      id,
      name,
      hostname,
      state,
      softwareVersion,
      enrolledAt,
      revokedAt,
      lastContactAt,
      heartbeatAt,
      restoredAt,
      seenFrom,
      addresses,
      bootId,
      heartbeat,
      inventory,
    };
  }

  #state({
    revokedAt,
    lastContactAt,
    enrolledAt,
    heartbeatAt,
  }: StoredAppliance): ApplianceView["state"] {
    if (revokedAt !== null) return "revoked";
    const { clock, configuration } = this.#context;
    // A contact that lies ahead was before the clock was set back: nobody knows how long ago.
    const silentForMs = Math.abs(clock.nowMs() - (lastContactAt ?? enrolledAt));
    if (silentForMs > silentAfterIntervals * configuration.current.intervalSeconds * 1000)
      return "silent";
    return heartbeatAt === null ? "never" : "online";
  }
}
