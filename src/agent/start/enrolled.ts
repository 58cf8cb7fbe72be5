import { statfs } from "node:fs/promises";
import { ignoringAbort } from "../../base/aborted.ts";
import type { Inventory } from "../../protocol/schemas/health.ts";
import { proxyPlace } from "../../settings/values/proxy-address.ts";
import type { KnownAuthorities } from "../../transport/uplink.ts";
import { CallHome } from "../call-home/call-home.ts";
import { watchClock } from "../call-home/clock-watch.ts";
import { FirstCall } from "../call-home/first-call.ts";
import { HeartbeatBuilder } from "../call-home/heartbeat.ts";
import { Outages } from "../call-home/outages.ts";
import { BundleSender } from "../command-jobs/bundle-sender.ts";
import type { CommandRunner } from "../command-jobs/command-runner.ts";
import { recordScan } from "../egress/contacts.ts";
import { keepCertificate } from "../enrolment/renewal.ts";
import { HealthReader, readUptimeMs } from "../health/figures.ts";
import { readInterfaces } from "../health/interfaces.ts";
import { keepInventory } from "../health/inventory-loop.ts";
import { PlatformAccess } from "../identity/platform-access.ts";
import { JobPoll } from "../job-poll/job-poll.ts";
import { takeReply } from "../job-poll/jobs-reply.ts";
import type { JobQueue } from "../scan-jobs/job-queue.ts";
import type { Uploader } from "../scan-jobs/uploader.ts";
import { readConfiguration, readSuccessions } from "../services/enrolment.ts";
import { sendInventory } from "../services/health.ts";
import { Session } from "../session/session.ts";
import { consumerMakers } from "../updates/consumer-list.ts";
import { Updates } from "../updates/updates.ts";
import { makeCommandRunner } from "./command-wiring.ts";
import { serveConsoleRequests } from "./console-requests.ts";
import type { EnrolledParts, PlatformTransport } from "./parts.ts";
import { makeScanJobs } from "./scan-wiring.ts";
import { showSpool } from "./spool-status.ts";

/**
 * An enrolled appliance: connects its parts, and runs them until a signal is aborted, or the
 * appliance has got another identity.
 */
export class Enrolled {
  readonly #parts: EnrolledParts;
  readonly #access: PlatformAccess;
  readonly #transport: PlatformTransport;
  readonly #session: Session;
  readonly #jobs: JobQueue;
  readonly #uploader: Uploader;
  readonly #updates: Updates;
  readonly #outages: Outages;
  readonly #heartbeat: HeartbeatBuilder;
  readonly #bundles: BundleSender;
  readonly #commands: CommandRunner;
  readonly #poll: JobPoll;
  readonly #firstCall = new FirstCall();

  constructor(parts: EnrolledParts) {
    const { identity } = parts;
    this.#parts = parts;
    this.#access = new PlatformAccess(parts.clock, identity.refused ?? null);
    this.#transport = parts.transport(
      this.#authorities(identity.certificate, identity.certificateAuthorities),
    );
    this.#session = this.#makeSession();
    const { jobs, uploader } = makeScanJobs(parts, this.#session, () => this.#showSpool());
    this.#jobs = jobs;
    this.#uploader = uploader;
    this.#updates = this.#makeUpdates();
    this.#outages = this.#makeOutages();
    this.#heartbeat = this.#makeHeartbeat();
    this.#bundles = this.#makeBundles();
    this.#commands = makeCommandRunner({
      parts,
      session: this.#session,
      heartbeat: this.#heartbeat,
      updates: this.#updates,
      bundles: this.#bundles,
      sendInventory: async (signal) => this.#sendInventory(await parts.inventory(signal), signal),
    });
    this.#poll = this.#makePoll();
  }

  async run(justEnrolled: boolean, signal: AbortSignal): Promise<void> {
    const { status, clock, log, inventory, serverClock, configuration, spool } = this.#parts;
    const { hostname } = configuration.settings;
    status.update({ state: "starting", failure: null, jobs: this.#jobs.status() });
    spool.changed = () => this.#showSpool();
    this.#showSpool();
    await this.#outages.open();
    const home = this.#makeCallHome();
    const uptimeMs = await readUptimeMs();
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, ended.signal]);
    const renewal = {
      session: this.#session,
      clock,
      log,
      hostname,
      nowMs: () => serverClock.nowMs(),
    };
    const inventoryLoop = {
      status,
      clock,
      log,
      inventory,
      send: (found: Inventory | null) => this.#sendInventory(found, stop),
    };
    try {
      await Promise.all([
        home.run({ uptimeMs, justEnrolled }, stop),
        watchClock(clock, (jumpMs) => home.clockJumped(jumpMs), stop),
        this.#workWhileAllowed(stop),
        this.#updates.run(stop),
        keepInventory(inventoryLoop, stop),
        this.#firstCall.before((each) => keepCertificate(renewal, each), stop),
      ]);
    } finally {
      ended.abort(new Error("the agent ends"));
      await this.#transport.close();
    }
  }

  /** Jobs, commands and results, while the platform allows this appliance to work. */
  async #workWhileAllowed(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const stop = AbortSignal.any([signal, this.#access.whileAllowed]);
      await Promise.all([
        this.#serveConsole(stop),
        this.#poll.run(stop),
        this.#jobs.run(stop),
        this.#firstCall.before((each) => this.#uploader.run(each), stop),
        this.#commands.run(stop),
      ]);
      if (signal.aborted) return;
      this.#parts.log.warning("work suspended", { code: this.#access.refusal });
      await this.#jobs.halt();
      await this.#pause(signal);
    }
  }

  /** Until the platform allows work again. A decommission is still finished meanwhile. */
  async #pause(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const finishing = this.#commands.finishDecommission(AbortSignal.any([signal, over.signal]));
    await this.#access.untilAllowed(signal).catch(ignoringAbort(signal));
    over.abort(new Error("the platform allows work again"));
    await finishing;
  }

  #serveConsole(signal: AbortSignal): Promise<void> {
    const { configd, clock, log, requestWakeUp } = this.#parts;
    return serveConsoleRequests(
      {
        configd,
        clock,
        log,
        wakeUp: requestWakeUp,
        lookForUpdates: () => this.#updates.lookAgain(),
        stopScans: (jobIds) => this.#jobs.stop(jobIds),
        sendBundle: (stop) =>
          this.#bundles.announce((command) => this.#commands.take([command]), stop),
      },
      signal,
    );
  }

  async #sendInventory(inventory: Inventory | null, signal: AbortSignal): Promise<void> {
    if (inventory === null) return;
    await this.#session.call("health", signal, (client, url) =>
      sendInventory(client, url, inventory, signal),
    );
  }

  #showSpool(): void {
    const { spool, status, clock, log } = this.#parts;
    showSpool({ spool, status, clock, log });
  }

  #authorities(certificate: string, certificateAuthorities: string): KnownAuthorities {
    const { pem } = this.#parts.identity.key;
    if (pem === null) return { certificateAuthorities };
    return { certificateAuthorities, clientCertificate: { certificate, privateKey: pem } };
  }

  #makeSession(): Session {
    const { identity, identities, status, serverClock, counters, instance } = this.#parts;
    const { clock, random, log, softwareVersion, openTransport } = this.#parts;
    return new Session(identity, {
      identities,
      transport: this.#transport,
      clock,
      serverClock,
      random,
      status,
      counters,
      softwareVersion,
      log,
      bootId: instance.bootId,
      access: this.#access,
      following: { openTransport, readSuccessions, readConfiguration },
      certificateChanged: (certificate, certificateAuthorities) =>
        this.#transport.trust(this.#authorities(certificate, certificateAuthorities)),
    });
  }

  #makeUpdates(): Updates {
    const { paths, identity, clock, random, log, serverClock, status } = this.#parts;
    return new Updates({
      session: this.#session,
      folder: paths.content,
      root: identity.contentRoot ?? null,
      clock,
      platformNowMs: () => serverClock.nowMs(),
      consumers: consumerMakers.map((make) => make({ folder: paths.content, log })),
      random,
      log,
      freeBytes: async () => {
        const { bavail, bsize } = await statfs(paths.content);
        return bavail * bsize;
      },
      failureOf: (error) => status.failureOf(error),
      changed: (content, contentCheck) => status.update({ content, contentCheck }),
    });
  }

  #makeHeartbeat(): HeartbeatBuilder {
    const { paths, configd, configuration, softwareVersion, instance } = this.#parts;
    const { status, counters, spool } = this.#parts;
    const { proxy, scanDevice, managementDevice } = configuration.settings;
    const health = new HealthReader(paths.data);
    return new HeartbeatBuilder({
      health: () => health.read(),
      interfaces: () => readInterfaces({ scanDevice, managementDevice }),
      configd,
      proxy: proxyPlace(proxy),
      softwareVersion,
      instance,
      session: this.#session,
      status,
      counters,
      spool,
      jobs: () => this.#jobs.status(),
      outages: this.#outages,
    });
  }

  #makeOutages(): Outages {
    const { configd, spool, status, clock, serverClock, log } = this.#parts;
    return new Outages({ configd, spool, status, clock, nowMs: () => serverClock.nowMs(), log });
  }

  #makeBundles(): BundleSender {
    const { configd, clock, spool, status, softwareVersion, configuration, identity } = this.#parts;
    const { proxyPassword, activationCode } = configuration;
    return new BundleSender({
      session: this.#session,
      configd,
      clock,
      spool,
      status,
      softwareVersion,
      secrets: [proxyPassword, activationCode, identity.key.pem].filter(
        (secret) => typeof secret === "string",
      ),
    });
  }

  #makePoll(): JobPoll {
    const { clock, random, log, counters, egress } = this.#parts;
    return new JobPoll({
      session: this.#session,
      clock,
      random,
      log,
      counters,
      take: async (reply, signal) => {
        for (const { scan } of reply.jobs) recordScan(egress, scan);
        await takeReply(reply, { commands: this.#commands, jobs: this.#jobs }, signal);
      },
    });
  }

  #makeCallHome(): CallHome {
    const { status, clock, random, log, counters, callWakeUp } = this.#parts;
    return new CallHome({
      session: this.#session,
      status,
      clock,
      random,
      log,
      counters,
      wakeUp: callWakeUp,
      outages: this.#outages,
      heartbeat: () => this.#heartbeat.next(),
      reached: ({ versions }, all) => {
        this.#poll.onVersion(versions.jobs);
        if (all) this.#updates.walk();
        else this.#updates.onVersion(versions.updates);
        this.#uploader.wake();
      },
      ended: () => {
        this.#firstCall.end();
        this.#commands.calledHome();
      },
    });
  }
}
