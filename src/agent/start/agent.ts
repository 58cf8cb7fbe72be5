import { ignoringAbort } from "../../base/aborted.ts";
import { type ActivationCode, parseActivationCode } from "../../base/activation-code.ts";
import type { Clock } from "../../base/clock.ts";
import { damaged } from "../../base/credential.ts";
import { WakeUp } from "../../base/wake-up.ts";
import { HttpTransport, type PathObserver } from "../../transport/http-transport.ts";
import { IdleConnections } from "../../transport/idle-connections.ts";
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
import { Enrolled } from "./enrolled.ts";
import { IdleRecord } from "./idle-record.ts";
import type { AgentParts, PlatformTransport } from "./parts.ts";
import { spoolLimitBytes } from "./spool-limit.ts";

/** Opened from the data disk at the start. */
interface Stores {
  identities: IdentityStore;
  instance: Instance;
  spool: Spool;
}

/** Runs an enrolled appliance until the signal is aborted. */
type Serve = (identity: Identity, justEnrolled: boolean, stop: AbortSignal) => Promise<void>;

/** The call-home agent: connects its parts and runs them until a signal is aborted. */
export class Agent {
  readonly status: StatusStore;
  readonly #parts: AgentParts;
  readonly #serverClock: ServerClock;
  readonly #uplink: Uplink;
  readonly #pusher: StatusPusher;
  readonly #egress: EgressRecorder;
  readonly #pauses: IdleConnections;
  readonly #callWakeUp = new WakeUp();
  readonly #requestWakeUp = new WakeUp();
  readonly #counters = newCounters();

  constructor(parts: AgentParts) {
    const { configd, random } = parts;
    this.#parts = parts;
    this.status = new StatusStore(() => parts.clock.nowMs());
    this.#serverClock = new ServerClock(parts.clock);
    // Certificates are checked against the platform's time once it is known: a wrong local clock
    // must not make them invalid.
    const clock: Clock = {
      nowMs: () => this.#serverClock.nowMs(),
      monotonicMs: () => parts.clock.monotonicMs(),
      sleep: (durationMs, signal) => parts.clock.sleep(durationMs, signal),
    };
    this.#egress = new EgressRecorder({ configd, clock: parts.clock });
    const idle = new IdleRecord(parts.paths.idle, parts.log);
    this.#pauses = new IdleConnections(clock.monotonicMs, (lives) => idle.keep(lives));
    const { settings, proxyPassword } = parts.configuration;
    this.#uplink = new Uplink(settings, proxyPassword, {
      clock,
      random,
      pacContacted: (contact) => this.#egress.record({ by: "agent", ...pacContact(contact) }),
      ...(parts.path?.resolve ? { resolve: parts.path.resolve } : {}),
    });
    this.#pusher = new StatusPusher({ status: this.status, configd, clock: parts.clock });
  }

  /** configd asks the agent to call home, or to fetch the console's requests. */
  callNow(): void {
    this.#callWakeUp.raise();
    this.#requestWakeUp.raise();
  }

  /** configd was restarted and has lost the status. */
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
    const stores = await this.#openStores(signal);
    const known = await stores.identities.load();
    const code = this.#activationCode(known);
    const serve = this.#serve(stores, code);
    const { platformUrl } = this.#parts.configuration.settings;
    if (code === null || platformUrl === null || known?.keyFile === keyFileFor(code))
      return known ? await serve(known, false, signal) : await this.#idle(signal);
    const enrolment = this.#enrolment(platformUrl, code, known, stores.identities);
    if (!known) return await serve(await enrolment.untilEnrolled(signal), true, signal);
    const outcome = await enrolment.once(signal);
    if (outcome.kind === "enrolled") return await serve(outcome.identity, true, signal);
    if (outcome.kind === "refused") return await serve(known, false, signal);
    await this.#serveUntilEnrolled(known, enrolment, serve, signal);
  }

  async #openStores(signal: AbortSignal): Promise<Stores> {
    const { paths, configd, clock, random, log } = this.#parts;
    const identities = new IdentityStore(paths.identity, configdSealer(configd, clock, signal));
    await identities.open();
    const instance = this.#parts.instance ?? (await readInstance(paths.identity));
    const spool = new Spool(paths.spool, {
      log,
      random,
      key: await identities.spoolKey(random),
      limitBytes: this.#parts.spoolLimitBytes ?? (await spoolLimitBytes(paths.data)),
    });
    await spool.open();
    this.status.update({ lastScan: await spool.lastScan() });
    return { identities, instance, spool };
  }

  #serve(stores: Stores, code: ActivationCode | null): Serve {
    const { configd, clock } = this.#parts;
    return async (identity, justEnrolled, stop) => {
      // Also when this start did not enrol: the agent may have crashed before it reported that the
      // code of this identity was used.
      const reported =
        code !== null && identity.keyFile === keyFileFor(code)
          ? reportEnrolled(configd, clock, stop)
          : null;
      await this.#enrolled(identity, stores).run(justEnrolled, stop);
      await reported;
    };
  }

  /**
   * The appliance works with its identity until the new code has brought another one, or the
   * platform has refused the code.
   */
  async #serveUntilEnrolled(
    known: Identity,
    enrolment: Enrolment,
    serve: Serve,
    signal: AbortSignal,
  ): Promise<void> {
    const enrolled = new AbortController();
    const background = async () => {
      const identity = await enrolment.inBackground(signal).catch(ignoringAbort(signal));
      if (identity) enrolled.abort(new Error("enrolled again"));
      return identity;
    };
    const [next] = await Promise.all([
      background(),
      serve(known, false, AbortSignal.any([signal, enrolled.signal])),
    ]);
    if (next && !signal.aborted) await serve(next, true, signal);
  }

  /** Shows a code that is no use as a failure, unless the appliance is enrolled already. */
  #activationCode(known: Identity | null): ActivationCode | null {
    const typed = this.#parts.configuration.activationCode;
    if (typed === null) return null;
    const parsed = typed === damaged ? null : parseActivationCode(typed);
    if (parsed?.ok) return parsed.code;
    const code = parsed === null ? "code-damaged" : "code-malformed";
    if (!known)
      this.status.update({
        state: "enrolment-failed",
        failure: { code, detail: "", at: this.#parts.clock.nowMs() },
      });
    return null;
  }

  /** Waits for configd to restart this process with a platform and a code. */
  async #idle(signal: AbortSignal): Promise<void> {
    if (this.status.current.state !== "enrolment-failed")
      this.status.update({ state: "not-enrolled", nextCallAt: null });
    while (!signal.aborted)
      await this.#parts.clock.sleep(3_600_000, signal).catch(ignoringAbort(signal));
  }

  #enrolment(
    platformUrl: string,
    code: ActivationCode,
    known: Identity | null,
    identities: IdentityStore,
  ): Enrolment {
    const { clock, random, log, softwareVersion, configuration } = this.#parts;
    return new Enrolment(platformUrl, code, known, {
      identities,
      status: this.status,
      clock,
      serverClock: this.#serverClock,
      random,
      log,
      counters: this.#counters,
      hostname: configuration.settings.hostname,
      softwareVersion,
      transport: () => this.#transport(null),
      wakeUp: this.#callWakeUp,
    });
  }

  #enrolled(identity: Identity, { identities, instance, spool }: Stores): Enrolled {
    const { configuration, paths, configd, clock, random, log, softwareVersion, inventory } =
      this.#parts;
    return new Enrolled({
      configuration,
      paths,
      configd,
      clock,
      random,
      log,
      softwareVersion,
      inventory,
      identity,
      identities,
      instance,
      spool,
      status: this.status,
      serverClock: this.#serverClock,
      counters: this.#counters,
      callWakeUp: this.#callWakeUp,
      requestWakeUp: this.#requestWakeUp,
      egress: this.#egress,
      transport: (platform) => this.#platformTransport(platform),
      openTransport: () => this.#transport(null),
    });
  }

  #platformTransport(platform: KnownAuthorities): PlatformTransport {
    const transport = this.#transport(platform);
    return Object.assign(transport, {
      trust: (changed: KnownAuthorities) => transport.useTrust(this.#uplink.trust(changed)),
    });
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
    const path = { ...this.#uplink.path(platform), ...this.#parts.path, idle: this.#pauses };
    return new HttpTransport(path, observe);
  }
}
