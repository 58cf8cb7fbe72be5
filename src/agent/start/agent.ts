import { statfs } from "node:fs/promises";
import { type ActivationCode, parseActivationCode } from "../../base/activation-code.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { ConfigdClient } from "../../configd/api/api.ts";
import type { Inventory } from "../../protocol/schemas/health.ts";
import { HttpTransport, type PathObserver } from "../../transport/http-transport.ts";
import type { PathOptions } from "../../transport/path.ts";
import { type KnownAuthorities, Uplink } from "../../transport/uplink.ts";
import { contactsOf, pacContact } from "../egress/contacts.ts";
import { EgressRecorder } from "../egress/recorder.ts";
import { Enrolment, reportEnrolled } from "../enrolment/enrolment.ts";
import { type Identity, IdentityStore, keyFileFor } from "../identity/identity-store.ts";
import { type Instance, readInstance } from "../identity/instance.ts";
import { configdSealer } from "../identity/sealer.ts";
import { ServerClock } from "../session/server-clock.ts";
import { Spool } from "../spool/spool.ts";
import { newCounters } from "../status/counters.ts";
import { StatusPusher } from "../status/status-pusher.ts";
import { StatusStore } from "../status/status-store.ts";
import type { LoadedConfiguration } from "./configuration.ts";
import { Enrolled } from "./enrolled.ts";
import type { AgentPaths } from "./paths.ts";

export interface AgentParts {
  configuration: LoadedConfiguration;
  paths: AgentPaths;
  configd: ConfigdClient;
  clock: Clock;
  random: Random;
  log: Log;
  softwareVersion: string;
  /** What the machine is; null when it could not be found out. */
  inventory(signal: AbortSignal): Promise<Inventory | null>;
  /** Read from the machine when absent. */
  instance?: Instance;
  /** How much may wait to be sent; a share of the disk when absent. */
  spoolLimitBytes?: number;
  /** Parts of the way that tests replace. */
  path?: Pick<PathOptions, "limits" | "resolve">;
}

const spoolShare = 0.4;
const leastSpoolBytes = 64 * 2 ** 20;
const mostSpoolBytes = 16 * 2 ** 30;

/** The call-home agent: puts its parts together and runs them until its signal is aborted. */
export class Agent {
  readonly status: StatusStore;
  readonly #parts: AgentParts;
  readonly #serverClock: ServerClock;
  readonly #uplink: Uplink;
  readonly #pusher: StatusPusher;
  readonly #egress: EgressRecorder;
  readonly #callNow = new WakeUp();
  readonly #called = new WakeUp();
  readonly #counters = newCounters();

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.status = new StatusStore(() => parts.clock.nowMs());
    this.#serverClock = new ServerClock(parts.clock);
    const { settings, proxyPassword } = parts.configuration;
    // Certificates are judged by the platform's clock as soon as that is known: a wrong one here
    // must not stand in the way.
    const clock: Clock = {
      nowMs: () => this.#serverClock.nowMs(),
      monotonicMs: () => parts.clock.monotonicMs(),
      sleep: (durationMs, signal) => parts.clock.sleep(durationMs, signal),
    };
    this.#egress = new EgressRecorder({ configd: parts.configd, clock: parts.clock });
    this.#uplink = new Uplink(settings, proxyPassword, {
      clock,
      random: parts.random,
      pacContacted: (contact) => this.#egress.record({ by: "agent", ...pacContact(contact) }),
      ...(parts.path?.resolve ? { resolve: parts.path.resolve } : {}),
    });
    this.#pusher = new StatusPusher({
      status: this.status,
      configd: parts.configd,
      clock: parts.clock,
    });
  }

  callNow(): void {
    this.#callNow.raise();
    this.#called.raise();
  }

  /** configd has come back and knows nothing. */
  pushStatus(): void {
    this.#pusher.pushAgain();
  }

  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    try {
      await Promise.all([this.#pusher.run(stop), this.#egress.run(stop), this.#work(stop)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      failed.abort(new Error("the agent ends"));
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { configuration, paths, configd, clock, random, log } = this.#parts;
    const identities = new IdentityStore(paths.identity, configdSealer(configd, clock, signal));
    await identities.open();
    const instance = this.#parts.instance ?? (await readInstance(paths.identity));
    const key = await identities.spoolKey(random);
    const spool = new Spool(paths.spool, {
      log,
      random,
      key,
      limitBytes: this.#parts.spoolLimitBytes ?? (await spoolLimitBytes(paths.data)),
    });
    await spool.open();
    this.status.update({ lastScan: await spool.lastScan() });
    const known = await identities.load();
    const code = this.#activationCode(known);
    const { platformUrl } = configuration.settings;
    const enrols = code !== null && platformUrl !== null && known?.keyFile !== keyFileFor(code);
    const serve = async (identity: Identity, justEnrolled: boolean, stop: AbortSignal) => {
      // Also when nothing was enrolled now: after a crash between the two the code of this very
      // identity is still there.
      const reported =
        code !== null && identity.keyFile === keyFileFor(code)
          ? reportEnrolled(configd, clock, stop)
          : null;
      await this.#enrolled(identity, identities, spool, instance).run(justEnrolled, stop);
      await reported;
    };
    if (!enrols) return known ? await serve(known, false, signal) : await this.#stayOut(signal);
    const enrolment = new Enrolment(platformUrl, code, known, this.#enrolmentParts(identities));
    if (!known) return await serve(await enrolment.untilDone(signal), true, signal);
    const outcome = await enrolment.once(signal);
    if (outcome.kind === "enrolled") return await serve(outcome.identity, true, signal);
    if (outcome.kind === "refused") return await serve(known, false, signal);
    await this.#serveUntilEnrolled(known, enrolment, serve, signal);
  }

  /**
   * The appliance stays who it is and works, until the new code has made it somebody else, or the
   * platform has refused the code.
   */
  async #serveUntilEnrolled(
    known: Identity,
    enrolment: Enrolment,
    serve: (identity: Identity, justEnrolled: boolean, stop: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const enrolled = new AbortController();
    let next: Identity | null = null;
    const beside = enrolment.besides(signal).then(
      (identity) => {
        next = identity;
        if (identity) enrolled.abort(new Error("enrolled anew"));
      },
      () => undefined,
    );
    await serve(known, false, AbortSignal.any([signal, enrolled.signal]));
    await beside;
    if (next && !signal.aborted) await serve(next, true, signal);
  }

  /**
   * A code that cannot be one is shown as a failure, and does not stop an appliance that is
   * enrolled already.
   */
  #activationCode(known: Identity | null): ActivationCode | null {
    const typed = this.#parts.configuration.activationCode;
    if (typed === null) return null;
    const parsed = parseActivationCode(typed);
    if (parsed.ok) return parsed.code;
    if (!known)
      this.status.update({
        state: "enrolment-failed",
        failure: { code: "code-malformed", detail: "", at: this.#parts.clock.nowMs() },
      });
    return null;
  }

  /** Nothing to do until configd starts this process anew with a platform and a code. */
  async #stayOut(signal: AbortSignal): Promise<void> {
    if (this.status.current.state !== "enrolment-failed")
      this.status.update({ state: "not-enrolled", nextCallAt: null });
    while (!signal.aborted) await this.#parts.clock.sleep(3_600_000, signal).catch(() => undefined);
  }

  #enrolmentParts(identities: IdentityStore) {
    const { clock, random, log, softwareVersion, configuration } = this.#parts;
    return {
      identities,
      clock,
      random,
      log,
      softwareVersion,
      status: this.status,
      serverClock: this.#serverClock,
      counters: this.#counters,
      hostname: configuration.settings.hostname,
      transport: () => this.#transport(null),
      callNow: this.#callNow,
    };
  }

  #transport(platform: KnownAuthorities | null): HttpTransport {
    const observe: PathObserver = (origin, stages, tls, route) => {
      this.#counters.connections = (this.#counters.connections ?? 0) + 1;
      for (const contact of contactsOf(origin, stages, (route?.proxy ?? null) !== null))
        this.#egress.record({ by: "agent", ...contact });
      if (tls && route)
        this.status.update({
          path: {
            route: route.name,
            fallback: route.fallback,
            issuer: tls.issuer,
            intercepted: tls.intercepted,
          },
        });
    };
    return new HttpTransport({ ...this.#uplink.path(platform), ...this.#parts.path }, observe);
  }

  #enrolled(
    identity: Identity,
    identities: IdentityStore,
    spool: Spool,
    instance: Instance,
  ): Enrolled {
    return new Enrolled({
      ...this.#parts,
      identity,
      identities,
      spool,
      instance,
      status: this.status,
      serverClock: this.#serverClock,
      counters: this.#counters,
      callNow: this.#callNow,
      called: this.#called,
      egress: this.#egress,
      transport: (platform) => {
        const transport = this.#transport(platform);
        return Object.assign(transport, {
          trust: (changed: KnownAuthorities) => transport.useTrust(this.#uplink.trust(changed)),
        });
      },
    });
  }
}

/** Most of the data disk is the content's and the scans' own; results that wait have this share. */
async function spoolLimitBytes(dataFolder: string): Promise<number> {
  const disk = await statfs(dataFolder).catch(() => null);
  const share = disk ? disk.blocks * disk.bsize * spoolShare : 0;
  return Math.round(Math.min(mostSpoolBytes, Math.max(leastSpoolBytes, share)));
}
