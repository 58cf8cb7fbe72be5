import { statfs } from "node:fs/promises";
import type { WakeUp } from "../../base/wake-up.ts";
import type { Heartbeat } from "../../protocol/schemas/health.ts";
import { engines } from "../../scan/engines/engines.ts";
import { proxyPlace } from "../../settings/values/proxy-address.ts";
import type { Transport } from "../../transport/http-transport.ts";
import type { KnownAuthorities } from "../../transport/uplink.ts";
import { CallHome } from "../call-home/call-home.ts";
import { watchClock } from "../call-home/clock-watch.ts";
import { FirstCall } from "../call-home/first-call.ts";
import { commandActions } from "../command-jobs/actions.ts";
import { makeBundle, sendBundle } from "../command-jobs/bundle.ts";
import { callEveryService } from "../command-jobs/check-in.ts";
import { CommandRunner } from "../command-jobs/command-runner.ts";
import { recordScan } from "../egress/contacts.ts";
import type { EgressRecorder } from "../egress/recorder.ts";
import { keepCertificate } from "../enrolment/renewal.ts";
import { HealthReader, readUptimeMs } from "../health/figures.ts";
import { readInterfaces } from "../health/interfaces.ts";
import { keepInventory } from "../health/inventory-loop.ts";
import type { Identity, IdentityStore } from "../identity/identity-store.ts";
import type { Instance } from "../identity/instance.ts";
import { PlatformAccess } from "../identity/platform-access.ts";
import { JobPoll } from "../job-poll/job-poll.ts";
import { takeReply } from "../job-poll/jobs-reply.ts";
import { JobQueue } from "../scan-jobs/job-queue.ts";
import { Uploader } from "../scan-jobs/uploader.ts";
import { announceBundle, sendBundlePart, sendCommandResult } from "../services/commands.ts";
import { sendHeartbeat, sendInventory } from "../services/health.ts";
import { acknowledgeJob } from "../services/jobs.ts";
import { listParts, sendCompletion, sendPart } from "../services/results.ts";
import type { ServerClock } from "../session/server-clock.ts";
import { Session } from "../session/session.ts";
import type { Spool } from "../spool/spool.ts";
import type { AgentCounters } from "../status/counters.ts";
import type { StatusStore } from "../status/status-store.ts";
import { Updates } from "../updates/updates.ts";
import type { AgentParts } from "./agent.ts";
import { serveConsoleRequests } from "./console-requests.ts";

export interface EnrolledParts
  extends Pick<
    AgentParts,
    | "configuration"
    | "paths"
    | "configd"
    | "clock"
    | "random"
    | "log"
    | "softwareVersion"
    | "inventory"
  > {
  identity: Identity;
  identities: IdentityStore;
  instance: Instance;
  spool: Spool;
  status: StatusStore;
  serverClock: ServerClock;
  counters: AgentCounters;
  callNow: WakeUp;
  /** As `callNow`, for what people at the console want besides. */
  called: WakeUp;
  egress: Pick<EgressRecorder, "record">;
  transport(platform: KnownAuthorities): Transport & { trust(platform: KnownAuthorities): void };
}

/**
 * The enrolled appliance: its parts put together, and run until a signal is aborted or it is
 * somebody else.
 */
export class Enrolled {
  readonly #parts: EnrolledParts;
  readonly #transport: Transport;
  readonly #session: Session;
  readonly #access: PlatformAccess;
  readonly #uploader: Uploader;
  readonly #desk: JobQueue;
  readonly #commands: CommandRunner;
  readonly #poll: JobPoll;
  readonly #firstCall = new FirstCall();
  readonly #updates: Updates;
  readonly #heartbeat: () => Promise<Heartbeat>;

  constructor(parts: EnrolledParts) {
    const {
      identity,
      identities,
      instance,
      spool,
      status,
      serverClock,
      counters,
      configuration,
      paths,
      configd,
      clock,
      random,
      log,
      softwareVersion,
    } = parts;
    this.#parts = parts;
    const { pem } = identity.key;
    const known = (certificate: string, certificateAuthorities: string): KnownAuthorities => ({
      certificateAuthorities,
      ...(pem === null ? {} : { clientCertificate: { certificate, privateKey: pem } }),
    });
    const transport = parts.transport(known(identity.certificate, identity.certificateAuthorities));
    this.#transport = transport;
    this.#access = new PlatformAccess(clock, identity.refused ?? null);
    const session = new Session(identity, {
      transport: this.#transport,
      clock,
      serverClock,
      random,
      counters,
      softwareVersion,
      identities,
      status,
      log,
      bootId: instance.bootId,
      access: this.#access,
      certificateChanged: (certificate, authorities) =>
        transport.trust(known(certificate, authorities)),
    });
    this.#session = session;
    this.#uploader = new Uploader({
      spool,
      clock,
      random,
      log,
      results: {
        sendPart: ({ job }, number, content, stop) =>
          session.call("results", stop, (client, url) =>
            sendPart(client, url, job, number, content, stop),
          ),
        listParts: ({ job }, from, stop) =>
          session.call("results", stop, (client, url) => listParts(client, url, job, from, stop)),
        sendCompletion: ({ job }, completion, stop) =>
          session.call("results", stop, (client, url) =>
            sendCompletion(client, url, job, completion, stop),
          ),
      },
      finished: async (folder) => {
        await this.#desk.finish(folder);
        status.update({ lastScan: await spool.lastScan() });
      },
      unknown: (folder) => this.#desk.abandon(folder),
      changed: () => this.#showSpool(),
    });
    this.#desk = new JobQueue({
      spool,
      configd,
      clock,
      log,
      scanFolder: paths.scan,
      engines,
      device: () => configuration.settings.scanDevice,
      exclusions: () => configuration.settings.scanExclusions,
      acknowledge: async ({ job, receivedAt }, stop) => {
        await session.call("jobs", stop, (client, url) =>
          acknowledgeJob(client, url, { ...job, receivedAt }, stop),
        );
      },
      changed: () => {
        status.update({ jobs: this.#desk.status() });
        this.#showSpool();
      },
      upload: () => this.#uploader.wake(),
    });
    this.#updates = new Updates({
      session,
      clock,
      random,
      log,
      folder: paths.content,
      root: identity.contentRoot ?? null,
      platformNowMs: () => serverClock.nowMs(),
      freeBytes: async () => statfs(paths.content).then(({ bavail, bsize }) => bavail * bsize),
      failureOf: (error) => status.failureOf(error),
      changed: (content, contentCheck) => status.update({ content, contentCheck }),
    });
    this.#heartbeat = this.#heartbeats();
    this.#commands = this.#commandDesk();
    this.#poll = new JobPoll({
      session,
      clock,
      random,
      log,
      counters,
      take: async (reply, stop) => {
        for (const { scan } of reply.jobs) recordScan(parts.egress, scan);
        await takeReply(reply, { commands: this.#commands, jobs: this.#desk }, stop);
      },
    });
  }

  async run(justEnrolled: boolean, signal: AbortSignal): Promise<void> {
    const {
      status,
      clock,
      random,
      log,
      inventory,
      serverClock,
      configuration,
      callNow,
      spool,
      counters,
    } = this.#parts;
    status.update({ state: "starting", failure: null, jobs: this.#desk.status() });
    spool.changed = () => this.#showSpool();
    this.#showSpool();
    const home = new CallHome({
      session: this.#session,
      status,
      clock,
      random,
      log,
      counters,
      now: callNow,
      heartbeat: this.#heartbeat,
      reached: ({ versions }, all) => {
        this.#poll.heard(versions.jobs);
        if (all) this.#updates.walk();
        else this.#updates.heard(versions.updates);
        this.#uploader.wake();
      },
      ended: () => {
        this.#firstCall.end();
        this.#commands.called();
      },
    });
    const uptimeMs = await readUptimeMs();
    const stopAll = new AbortController();
    const stop = AbortSignal.any([signal, stopAll.signal]);
    const { hostname } = configuration.settings;
    try {
      await Promise.all([
        home.run({ uptimeMs, justEnrolled }, stop),
        watchClock(clock, (jumpMs) => home.clockJumped(jumpMs), stop),
        this.#work(stop),
        this.#updates.run(stop),
        keepInventory(
          {
            status,
            clock,
            log,
            inventory,
            send: (found) => this.#sendInventory(found, stop),
          },
          stop,
        ),
        this.#firstCall.before(
          (each) =>
            keepCertificate(
              { session: this.#session, clock, log, hostname, nowMs: () => serverClock.nowMs() },
              each,
            ),
          stop,
        ),
      ]);
    } finally {
      stopAll.abort(new Error("the agent ends"));
      await this.#transport.close();
    }
  }

  /** Jobs, commands and results, as long as the platform lets this appliance work. */
  async #work(signal: AbortSignal): Promise<void> {
    const { log } = this.#parts;
    while (!signal.aborted) {
      const working = AbortSignal.any([signal, this.#access.working]);
      const uploads = this.#firstCall.before((each) => this.#uploader.run(each), working);
      await Promise.all([
        this.#heed(working),
        this.#poll.run(working),
        this.#desk.run(working),
        uploads,
        this.#commands.run(working),
      ]);
      if (signal.aborted) return;
      log.warning("no work is done any more", { code: this.#access.refusal });
      await this.#desk.halt();
      await this.#standStill(signal);
    }
  }

  async #standStill(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const givingUp = this.#commands.giveUp(AbortSignal.any([signal, over.signal]));
    await this.#access.untilGood(signal).catch(() => undefined);
    over.abort(new Error("the appliance works again"));
    await givingUp;
  }

  #heed(signal: AbortSignal): Promise<void> {
    const { configd, clock, log, called } = this.#parts;
    return serveConsoleRequests(
      {
        configd,
        clock,
        log,
        called,
        lookForUpdates: () => this.#updates.walk(),
        stopScans: (jobIds) => this.#desk.stop(jobIds),
        sendBundle: async (stop) => {
          this.#tellBundle("sending");
          try {
            await this.#commands.take([
              await this.#session.call("results", stop, (client, url) =>
                announceBundle(client, url, stop),
              ),
            ]);
          } catch (error) {
            this.#tellBundle("failed", error);
            throw error;
          }
        },
      },
      signal,
    );
  }

  #heartbeats(): () => Promise<Heartbeat> {
    const { configuration, softwareVersion, paths, instance, counters, status, spool } =
      this.#parts;
    const { proxy, scanDevice, managementDevice } = configuration.settings;
    const health = new HealthReader(paths.data);
    let sequence = 0;
    return async () => ({
      ...instance,
      sequence: sequence++,
      softwareVersion,
      configurationVersion: this.#session.configuration.version,
      health: await health.read(),
      interfaces: await readInterfaces({ scanDevice, managementDevice }),
      jobs: this.#desk.status().map(({ name, ...progress }) => progress),
      counters: { ...counters, spooledParts: status.current.spooledParts },
      proxy: this.#proxyWords(proxyPlace(proxy)),
      spool: spool.figures,
      ...this.#updatesState(),
    });
  }

  /** Nothing before the first look: what is not known yet is not said to be nothing. */
  #updatesState(): Pick<Heartbeat, "updates"> {
    const { content, contentCheck } = this.#parts.status.current;
    if (!content || !contentCheck) return {};
    return {
      updates: {
        items: content.slice(0, 50),
        checkedAt: contentCheck.at,
        code: contentCheck.failure?.code ?? null,
      },
    };
  }

  #proxyWords(place: string | null): string | null {
    if (place === null) return null;
    return `${place.slice(0, 150)}${this.#parts.status.current.path?.fallback ? " (fails; called directly)" : ""}`;
  }

  #commandDesk(): CommandRunner {
    const {
      configd,
      clock,
      random,
      log,
      softwareVersion,
      serverClock,
      spool,
      status,
      instance,
      configuration,
      identity,
    } = this.#parts;
    const session = this.#session;
    const { proxyPassword, activationCode } = configuration;
    return new CommandRunner({
      clock,
      random,
      log,
      store: spool.commands,
      bootId: instance.bootId,
      applianceId: identity.applianceId,
      platformNowMs: () => serverClock.knownMs(),
      actions: commandActions({
        configd,
        clock,
        bootId: instance.bootId,
        callHome: async (stop) => {
          await session.call("health", stop, async (client, url) =>
            sendHeartbeat(client, url, await this.#heartbeat(), stop),
          );
        },
        checkIn: (stop) => this.#checkIn(stop),
        lookForUpdates: () => this.#updates.walk(),
        sendBundle: async (command, stop) => {
          const secrets = [proxyPassword, activationCode, identity.key.pem].filter(
            (secret) => secret !== null,
          );
          const facts = async () => ({
            status: status.current,
            spool: spool.figures,
            jobs: spool.jobs().length,
            commands: spool.commands.list(),
          });
          this.#tellBundle("sending");
          try {
            const bundle = await makeBundle(
              { configd, softwareVersion, secrets, facts, nowMs: () => clock.nowMs() },
              stop,
            );
            const sent = await sendBundle(bundle, (number, content) =>
              session.call("results", stop, (client, url) =>
                sendBundlePart(client, url, command.id, number, content, stop),
              ),
            );
            this.#tellBundle("sent");
            return sent;
          } catch (error) {
            if (!stop.aborted) this.#tellBundle("failed", error);
            throw error;
          }
        },
      }),
      report: async (command, result, stop) => {
        await session.callEvenIfRevoked("results", stop, (client, url) =>
          sendCommandResult(client, url, command.id, result, stop),
        );
      },
    });
  }

  #tellBundle(state: "sending" | "sent" | "failed", error?: unknown): void {
    const { status, clock } = this.#parts;
    status.update({
      bundle: {
        state,
        at: clock.nowMs(),
        failure: error === undefined ? null : status.failureOf(error),
      },
    });
  }

  /** The heartbeat is called by its own loop, so that it keeps its rhythm. */
  #checkIn(signal: AbortSignal): Promise<string> {
    const { status, inventory, callNow } = this.#parts;
    callNow.raise();
    this.#updates.walk();
    const sendFound = async () => this.#sendInventory(await inventory(signal), signal);
    return callEveryService(
      {
        session: this.#session,
        codeOf: (error) => status.failureOf(error).code,
        sendInventory: sendFound,
      },
      signal,
    );
  }

  async #sendInventory(
    found: Parameters<typeof sendInventory>[2] | null,
    signal: AbortSignal,
  ): Promise<void> {
    if (found)
      await this.#session.call("health", signal, (client, url) =>
        sendInventory(client, url, found, signal),
      );
  }

  #showSpool(): void {
    const { spool, status, clock, log } = this.#parts;
    const spooledParts = spool.waitingParts;
    const { full, ...figures } = spool.figures;
    const shown = status.current.spool;
    const wasFull = (shown?.failure ?? null) !== null;
    // Each receipt changes the bytes a little: that alone is no news.
    if (shown && spooledParts === status.current.spooledParts && wasFull === full) return;
    if (full && !wasFull)
      log.warning("the spool is full: no new jobs are taken", { code: "spool-full", ...figures });
    const failure = full
      ? (shown?.failure ?? { code: "spool-full", detail: "", at: clock.nowMs() })
      : null;
    status.update({ spooledParts, spool: { ...figures, failure } });
  }
}
