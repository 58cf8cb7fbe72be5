import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { makeFolderDurably } from "../base/durable-file.ts";
import { FailedTries } from "../base/failed-tries.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { addApi } from "./api/routes.ts";
import { loadKeys, loadServerCertificate } from "./certificates/stored-keys.ts";
import { ContentRepository } from "./content/repository.ts";
import { addBrowserHeaders, strictTransport } from "./https/browser-headers.ts";
import { bindPort, endServer, listenUnix, makeApp, useCertificate } from "./https/server.ts";
import { keepListening } from "./listening.ts";
import { Access } from "./operator/access.ts";
import { Operator } from "./operator/operator.ts";
import type { PlatformOptions } from "./options.ts";
import { Bodies } from "./services/bodies.ts";
import { Changes } from "./services/changes.ts";
import { ApplianceConfiguration } from "./services/configuration.ts";
import type { PlatformContext } from "./services/context.ts";
import { certificateNames, platformAddresses } from "./services/directory.ts";
import { addEnrolmentService } from "./services/enrolment.ts";
import { addHealthService } from "./services/health.ts";
import { addJobsService } from "./services/jobs.ts";
import { KeyRolls, trustIn } from "./services/key-rolls.ts";
import { Leases } from "./services/leases.ts";
import { addResultsService } from "./services/results.ts";
import { addUpdatesService } from "./services/updates.ts";
import { openStore } from "./store/open.ts";
import { addWebPage } from "./web/routes.ts";

export interface PlatformParts {
  clock: Clock;
  random: Random;
  log: Log;
  version: string;
}

export interface RunningPlatform {
  url: string;
  port: number;
  close(): Promise<void>;
}

export async function startPlatform(
  options: PlatformOptions,
  { clock, random, log, version }: PlatformParts,
): Promise<RunningPlatform> {
  await makeFolderDurably(options.dataFolder);
  const bound = await bindPort(options.host, options.port);
  const store = await openStore(join(options.dataFolder, "platform.sqlite")).catch(
    async (error: unknown) => {
      await bound.close();
      throw error;
    },
  );
  const ending = new AbortController();
  try {
    const keys = await loadKeys(options.dataFolder, options.name, clock, random);
    const { authorities, replyKeys, operatorToken } = keys;
    const addresses = platformAddresses(options, bound.port);
    const configuration = await ApplianceConfiguration.load(store, addresses, trustIn(keys), clock);
    const serverCertificate = () =>
      loadServerCertificate(
        options.dataFolder,
        authorities.inUse,
        certificateNames(options),
        clock,
      );
    const https = makeApp(await serverCertificate(), authorities.ofAppliances);
    const renewCertificate = async () =>
      useCertificate(https.server, await serverCertificate(), authorities.ofAppliances);
    const rolls = new KeyRolls(
      { replyKeys, authorities, appliances: store.appliances, clock, log },
      configuration,
      renewCertificate,
    );
    const leases = new Leases(clock, configuration);
    await store.jobs.boundLeases(leases.current);
    const context: PlatformContext = {
      store,
      get authority() {
        return authorities.inUse;
      },
      get replySigner() {
        return replyKeys.signer;
      },
      authorities,
      replyKeys,
      rolls,
      addresses,
      configuration,
      leases,
      content: await ContentRepository.open(join(options.dataFolder, "content"), clock, log),
      changes: new Changes(),
      clock,
      random,
      log,
      bodies: new Bodies(),
      wrongCodes: new FailedTries(clock),
      ending: ending.signal,
    };
    addBrowserHeaders(https.app, options.strictTransport ? strictTransport(options.url) : null);
    const operator = new Operator(context, version);
    const access = new Access(operatorToken, store.sessions, clock, random);
    https.app.get("/.well-known/outrider", async () => addresses.directory);
    addEnrolmentService(https.app, context);
    addHealthService(https.app, context);
    addUpdatesService(https.app, context);
    addJobsService(https.app, context);
    addResultsService(https.app, context);
    await addApi(https.app, operator, access, log);
    await addWebPage(https.app, {
      operator,
      access,
      changes: context.changes,
      assetsFolder: join(options.dataFolder, "page-assets"),
      clock,
      ending: ending.signal,
      log,
    });
    await https.app.ready();
    await rolls.start();
    bound.handOver(https.server);
    void renewDaily(renewCertificate, clock, log, ending.signal);
    void rolls.run(ending.signal);
    void renewHourly(context);
    await keepListening(options, bound.port);
    const unixListener =
      options.unixSocket === null ? null : await listenUnix(options.unixSocket, https.server);
    return {
      url: addresses.url.origin,
      port: bound.port,
      close: async () => {
        ending.abort();
        await endServer(https, unixListener);
        await store.close();
      },
    };
  } catch (error) {
    await bound.close();
    await store.close();
    throw error;
  }
}

const contentRenewalMs = 3_600_000;

/**
 * Renews the signatures of the list of updates before they run out. By them appliances distinguish
 * a platform that publishes nothing from an attacker on the path who holds a newer list back.
 */
async function renewHourly({ content, clock, log, ending }: PlatformContext): Promise<void> {
  while (!ending.aborted) {
    try {
      await clock.sleep(contentRenewalMs, ending);
      await content.renew();
    } catch (error) {
      if (!ending.aborted) log.error("list of updates not renewed", { error: String(error) });
    }
  }
}

const renewalCheckMs = 86_400_000;

/**
 * Renews the server's certificate, for a platform that runs longer than its certificate lasts.
 */
async function renewDaily(
  renewCertificate: () => Promise<void>,
  clock: Clock,
  log: Log,
  ending: AbortSignal,
): Promise<void> {
  while (!ending.aborted) {
    try {
      await clock.sleep(renewalCheckMs, ending);
      await renewCertificate();
    } catch (error) {
      if (!ending.aborted) log.error("server certificate not renewed", { error: String(error) });
    }
  }
}
