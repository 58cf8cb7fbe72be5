import { statfs } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { ConfigdClient } from "../configd/api.ts";
import { type ActivationCode, parseActivationCode } from "../protocol/activation-code.ts";
import type { Heartbeat, Inventory } from "../protocol/schemas/health.ts";
import { proxyPlace } from "../settings/proxy-place.ts";
import { HttpTransport, type PathObserver } from "../transport/http-transport.ts";
import type { PathOptions } from "../transport/path.ts";
import { type KnownAuthorities, Uplink } from "../transport/uplink.ts";
import { CallHome } from "./call-home.ts";
import type { LoadedConfiguration } from "./configuration.ts";
import { enrolUntilDone, reportEnrolled } from "./enrolment.ts";
import { HealthReader, readBootId, readUptimeMs } from "./health/figures.ts";
import { readInterfaces } from "./health/interfaces.ts";
import { type Identity, IdentityStore, keyFileFor } from "./identity/identity-store.ts";
import { JobPoll } from "./job-poll.ts";
import type { AgentPaths } from "./paths.ts";
import { JobDesk } from "./scan-jobs/job-desk.ts";
import { Uploader } from "./scan-jobs/uploader.ts";
import { ServerClock } from "./server-clock.ts";
import { sendInventory } from "./services/health.ts";
import { acknowledgeJob } from "./services/jobs.ts";
import { listParts, sendCompletion, sendPart } from "./services/results.ts";
import { Session } from "./session.ts";
import { Spool } from "./spool/spool.ts";
import { StatusPusher } from "./status/status-pusher.ts";
import { StatusStore } from "./status/status-store.ts";
import { Updates } from "./updates/updates.ts";
import { Signal } from "./wake.ts";

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
  /** Parts of the way that tests replace. */
  path?: Pick<PathOptions, "limits" | "resolve">;
}

const dayMs = 24 * 3_600_000;
const inventoryRetryMs = 600_000;

/** The call-home agent: puts its parts together and runs them until its signal is aborted. */
export class Agent {
  readonly status: StatusStore;
  readonly #parts: AgentParts;
  readonly #serverClock: ServerClock;
  readonly #uplink: Uplink;
  readonly #pusher: StatusPusher;
  readonly #callNow = new Signal();
  readonly #counters = { requests: 0, failures: 0 };

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.status = new StatusStore(() => parts.clock.nowMs());
    this.#serverClock = new ServerClock(parts.clock);
    const { settings, proxyPassword } = parts.configuration;
    // Certificates are judged by the platform's clock as soon as that is known: a wrong one here must not stand in the way.
    const clock: Clock = {
      nowMs: () => this.#serverClock.nowMs(),
      monotonicMs: () => parts.clock.monotonicMs(),
      sleep: (durationMs, signal) => parts.clock.sleep(durationMs, signal),
    };
    this.#uplink = new Uplink(settings, proxyPassword, { clock, random: parts.random, ...(parts.path?.resolve ? { resolve: parts.path.resolve } : {}) });
    this.#pusher = new StatusPusher({ status: this.status, configd: parts.configd, clock: parts.clock });
  }

  callNow(): void {
    this.#callNow.raise();
  }

  /** configd has come back and knows nothing. */
  pushStatus(): void {
    this.#pusher.pushAgain();
  }

  async run(signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    try {
      await Promise.all([this.#pusher.run(stop), this.#work(stop)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      failed.abort(new Error("the agent ends"));
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { configuration, paths, configd, clock, log } = this.#parts;
    const spool = new Spool(paths.spool, log);
    await spool.open();
    this.status.update({ lastScan: await spool.lastScan() });
    const identities = new IdentityStore(paths.identity);
    const known = await identities.load();
    const code = this.#activationCode(known);
    const { platformUrl } = configuration.settings;
    const enrols = code !== null && platformUrl !== null && known?.keyFile !== keyFileFor(code);
    if (!enrols && !known) return await this.#stayOut(signal);
    const identity = enrols ? await enrolUntilDone(platformUrl, code, known, this.#enrolmentParts(identities), signal) : known;
    if (!identity) return;
    // Also when nothing was enrolled now: after a crash between the two the code of this very identity is still there.
    const reported = code !== null && identity.keyFile === keyFileFor(code) ? reportEnrolled(configd, clock, signal) : null;
    await this.#serve(identity, identities, spool, enrols, signal);
    await reported;
  }

  /** A code that cannot be one is shown as a failure, and does not stop an appliance that is enrolled already. */
  #activationCode(known: Identity | null): ActivationCode | null {
    const typed = this.#parts.configuration.activationCode;
    if (typed === null) return null;
    const parsed = parseActivationCode(typed);
    if (parsed.ok) return parsed.code;
    if (!known) this.status.update({ state: "enrolment-failed", failure: { code: "code-malformed", detail: "", at: this.#parts.clock.nowMs() } });
    return null;
  }

  /** Nothing to do until configd starts this process anew with a platform and a code. */
  async #stayOut(signal: AbortSignal): Promise<void> {
    if (this.status.current.state !== "enrolment-failed") this.status.update({ state: "not-enrolled", nextCallAt: null });
    while (!signal.aborted) await this.#parts.clock.sleep(3_600_000, signal).catch(() => undefined);
  }

  #enrolmentParts(identities: IdentityStore) {
    const { clock, random, log, softwareVersion, configuration } = this.#parts;
    return {
      ...{ identities, clock, random, log, softwareVersion, status: this.status, serverClock: this.#serverClock, counters: this.#counters },
      hostname: configuration.settings.hostname,
      transport: () => this.#transport(null),
      callNow: this.#callNow,
    };
  }

  #transport(platform: KnownAuthorities | null): HttpTransport {
    const observe: PathObserver = (_, __, tls, route) => {
      if (tls && route) this.status.update({ path: { route: route.name, fallback: route.fallback, issuer: tls.issuer, intercepted: tls.intercepted } });
    };
    return new HttpTransport({ ...this.#uplink.path(platform), ...this.#parts.path }, observe);
  }

  /** The enrolled appliance at work. */
  async #serve(identity: Identity, identities: IdentityStore, spool: Spool, justEnrolled: boolean, signal: AbortSignal): Promise<void> {
    const { clock, random, log, configd, softwareVersion, paths, configuration } = this.#parts;
    this.status.update({ state: "starting", failure: null });
    const transport = this.#transport({
      certificateAuthorities: identity.certificateAuthorities,
      clientCertificate: { certificate: identity.certificate, privateKey: identity.privateKey.export({ format: "pem", type: "pkcs8" }).toString() },
    });
    const shared = { transport, clock, serverClock: this.#serverClock, random, counters: this.#counters, softwareVersion };
    const session = new Session(identity, { ...shared, identities, status: this.status });

    const spoolChanged = new Signal();
    const uploader = new Uploader({
      spool,
      clock,
      random,
      log,
      results: {
        sendPart: ({ job }, number, content, stop) => session.contact("results", stop, (client, url) => sendPart(client, url, job, number, content, stop)),
        listParts: ({ job }, stop) => session.contact("results", stop, (client, url) => listParts(client, url, job, stop)),
        sendCompletion: ({ job }, completion, stop) => session.contact("results", stop, (client, url) => sendCompletion(client, url, job, completion, stop)),
      },
      finished: async (folder) => {
        await desk.finish(folder);
        this.status.update({ lastScan: await spool.lastScan() });
      },
      unknown: (folder) => desk.abandon(folder),
      changed: () => spoolChanged.raise(),
    });
    const desk: JobDesk = new JobDesk({
      ...{ spool, configd, clock, log, scanFolder: paths.scan },
      device: () => configuration.settings.scanDevice,
      acknowledge: async ({ job, receivedAt }, stop) => {
        await session.contact("jobs", stop, (client, url) => acknowledgeJob(client, url, { ...job, receivedAt }, stop));
      },
      changed: () => {
        this.status.update({ jobs: desk.status() });
        spoolChanged.raise();
      },
      upload: () => uploader.wake(),
    });
    const poll = new JobPoll({ session, clock, random, log, take: (reply, stop) => desk.take(reply, stop) });
    const updates = new Updates({
      ...{ session, clock, random, log, folder: paths.content, root: identity.contentRoot ?? null },
      platformNowMs: () => this.#serverClock.nowMs(),
      freeBytes: async () => statfs(paths.content).then(({ bavail, bsize }) => bavail * bsize),
      failureOf: (error) => this.status.failureOf(error),
      changed: (content, contentCheck) => this.status.update({ content, contentCheck }),
    });
    const home = new CallHome({
      ...{ session, status: this.status, clock, random, log },
      now: this.#callNow,
      heartbeat: this.#heartbeats(session, desk),
      reached: ({ versions }, all) => {
        poll.heard(versions.jobs);
        if (all) updates.walk();
        else updates.heard(versions.updates);
        uploader.wake();
      },
    });
    const uptimeMs = await readUptimeMs();
    const stopAll = new AbortController();
    const stop = AbortSignal.any([signal, stopAll.signal]);
    try {
      await Promise.all([
        home.run({ uptimeMs, justEnrolled }, stop),
        poll.run(stop),
        desk.run(stop),
        uploader.run(stop),
        updates.run(stop),
        this.#countSpool(spool, spoolChanged, stop),
        this.#takeInventory(session, stop),
      ]);
    } finally {
      stopAll.abort(new Error("the agent ends"));
      await transport.close();
    }
  }

  #heartbeats(session: Session, desk: JobDesk): () => Promise<Heartbeat> {
    const { configuration, softwareVersion, paths } = this.#parts;
    const { proxy, scanDevice } = configuration.settings;
    const health = new HealthReader(paths.data);
    const bootId = readBootId();
    let sequence = 0;
    return async () => ({
      bootId: await bootId,
      sequence: sequence++,
      softwareVersion,
      configurationVersion: session.configuration.version,
      health: await health.read(),
      interfaces: await readInterfaces(scanDevice),
      jobs: desk.status().map(({ name, ...progress }) => progress),
      counters: { ...this.#counters, spooledParts: this.status.current.spooledParts },
      proxy: this.#proxyWords(proxyPlace(proxy)),
    });
  }

  #proxyWords(place: string | null): string | null {
    if (place === null) return null;
    return `${place.slice(0, 150)}${this.status.current.path?.fallback ? " (fails; called directly)" : ""}`;
  }

  /** One count at a time: of two that overlap the older one could have the last word. */
  async #countSpool(spool: Spool, changed: Signal, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      changed.clear();
      let spooledParts = 0;
      // A job that is being removed has no parts any more.
      for (const folder of spool.jobs()) spooledParts += (await folder.waitingParts().catch(() => [])).length;
      if (spooledParts !== this.status.current.spooledParts) this.status.update({ spooledParts });
      await changed.wait(this.#parts.clock, dayMs, signal).catch(() => undefined);
    }
  }

  /** After the first heartbeat and daily; tried again with pauses until it got through. */
  async #takeInventory(session: Session, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    await this.#untilConnected(signal).catch(() => undefined);
    while (!signal.aborted) {
      let waitMs = dayMs;
      try {
        const inventory = await this.#parts.inventory(signal);
        if (inventory) await session.contact("health", signal, (client, url) => sendInventory(client, url, inventory, signal));
      } catch (error) {
        if (signal.aborted) return;
        log.warning("the inventory could not be sent", { error: error instanceof Error ? error.message : String(error) });
        waitMs = inventoryRetryMs;
      }
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  async #untilConnected(signal: AbortSignal): Promise<void> {
    const changed = new Signal();
    const unsubscribe = this.status.subscribe(() => changed.raise());
    try {
      while (this.status.current.state !== "connected") {
        await changed.wait(this.#parts.clock, dayMs, signal);
        changed.clear();
      }
    } finally {
      unsubscribe();
    }
  }
}
