import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, type OutriderError } from "../../base/messages/error.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { Failure } from "../../configd/api/status.ts";
import { type ContentItem, contentKinds } from "../../protocol/schemas/updates.ts";
import type { UpdateConsumer } from "../../updates/consumer.ts";
import { UpdateDrivers } from "../../updates/drivers.ts";
import { fetchMetadata, readAnnouncements } from "../services/updates.ts";
import { answeredWith } from "../session/reply-errors.ts";
import type { Session } from "../session/session.ts";
import { ContentFolder } from "./content-folder.ts";
import { itemOf, nameOf } from "./content-items.ts";
import { MetadataFolder } from "./metadata-store.ts";
import { TargetFetcher } from "./target-fetcher.ts";
import { newestOfEach, readTargets, type Target } from "./wanted.ts";

export interface UpdatesParts {
  session: Pick<Session, "call">;
  /** /data/outrider/content */
  folder: string;
  /** The root of trust that enrolment brought. */
  root: string | null;
  clock: Clock;
  /** The platform's time decides what has expired. */
  platformNowMs(): number;
  random: Random;
  log: Log;
  /** Free space of the folder's file system. */
  freeBytes(): Promise<number>;
  /** The consumers, one a kind; content of other kinds is only kept. */
  consumers: readonly UpdateConsumer[];
  failureOf(error: unknown): Failure;
  changed(content: ContentItem[], check: ContentCheck): void;
}

/** When the signed list was last read whole, and why it could not be read since. */
export interface ContentCheck {
  at: number | null;
  failure: Failure | null;
}

const dayMs = 24 * 3_600_000;

/**
 * Updates: reads the signed list when it has changed, fetches the newest target of each name, and
 * offers the content of a kind to its consumer once all of it is here. Has a loop of its own, so
 * that no heartbeat waits for it.
 */
export class Updates {
  readonly #parts: UpdatesParts;
  readonly #content: ContentFolder;
  readonly #fetcher: TargetFetcher;
  readonly #drivers: UpdateDrivers;
  readonly #wakeUp = new WakeUp();
  /** The last version of the platform's list that was processed completely. */
  #handled: number | null = null;
  /** By digest. Fetching it again before the next full walk would give the same. */
  readonly #refused = new Map<string, OutriderError>();
  #items: ContentItem[] = [];
  #check: ContentCheck = { at: null, failure: null };

  constructor(parts: UpdatesParts) {
    this.#parts = parts;
    this.#content = new ContentFolder(parts.folder);
    this.#fetcher = new TargetFetcher(parts, this.#content);
    this.#drivers = new UpdateDrivers({
      consumers: parts.consumers,
      folder: parts.folder,
      pathOf: ({ sha256 }) => this.#content.pathOf(sha256),
      clock: parts.clock,
      log: parts.log,
      changed: () => this.#show(this.#items),
    });
  }

  /** The version of the platform's list, from a heartbeat's reply. */
  onVersion(version: number): void {
    if (version !== this.#handled) this.#wakeUp.raise();
  }

  /** An operator asks for updates: refused ones are tried again too. */
  lookAgain(): void {
    this.#drivers.retry();
    this.walk();
  }

  /** Reads the whole list again, whether it has changed or not. */
  walk(): void {
    this.#refused.clear();
    this.#wakeUp.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { folder, root } = this.#parts;
    // Imported here, to keep TUF's models out of the memory of an agent that is not enrolled.
    const { isRoot } = await import("./trusted-metadata.ts");
    const metadata = new MetadataFolder(join(folder, "metadata"), root, isRoot);
    await metadata.open();
    await this.#content.open();
    this.#show(
      (await this.#content.readIndex()).map((target) => itemOf(target, "fetched", target.length)),
    );
    await Promise.all([this.#fetchLoop(metadata, signal), this.#drivers.run(signal)]);
  }

  async #fetchLoop(metadata: MetadataFolder, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#wakeUp.wait(this.#parts.clock, dayMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      this.#wakeUp.clear();
      await this.#update(metadata, signal);
    }
  }

  async #update(metadata: MetadataFolder, signal: AbortSignal): Promise<void> {
    const { session, clock, log, platformNowMs, failureOf } = this.#parts;
    try {
      const { version, announcements } = await session.call("updates", signal, (client, url) =>
        readAnnouncements(client, url, signal),
      );
      const fetchFile = (name: string, longestBytes: number) =>
        session.call("updates", signal, (client, url) =>
          fetchMetadata(client, url, name, longestBytes, signal),
        );
      try {
        const { walkMetadata } = await import("./metadata-walk.ts");
        const targets = readTargets(await walkMetadata(metadata, fetchFile, platformNowMs()));
        this.#check = { at: clock.nowMs(), failure: null };
        if (await this.#fetchAll(targets, signal)) this.#handled = version;
      } catch (error) {
        if (signal.aborted) return;
        this.#check = { ...this.#check, failure: failureOf(error) };
        const { code, detail } = asOutriderError(error);
        log.warning("signed list of updates refused", { code, detail });
        const known = new Set(this.#items.map(nameOf));
        // Announced, but not covered by signed metadata.
        const refused = announcements
          .filter((each) => !known.has(nameOf(each)))
          .map((each) => itemOf(each, "refused", 0, asOutriderError(error)));
        this.#show([...this.#items, ...refused]);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#check = { ...this.#check, failure: failureOf(error) };
      const { code, detail } = asOutriderError(error);
      log.warning("updates service failed", { code, detail });
      this.#show(this.#items);
    }
  }

  /** True when nothing is left to try before the list changes. */
  async #fetchAll(targets: readonly Target[], signal: AbortSignal): Promise<boolean> {
    const wanted = newestOfEach(targets);
    await this.#content.keepOnly(new Set(targets.map(({ sha256 }) => sha256)));
    const here: Target[] = [];
    for (const target of targets) if (await this.#content.has(target)) here.push(target);
    const states = new Map<string, ContentItem>();
    const show = () => {
      const older = here
        .filter(({ sha256 }) => !states.has(sha256))
        .map((target) => itemOf(target, "fetched", target.length));
      this.#show([...states.values(), ...older]);
    };
    for (const target of wanted) {
      const isHere = here.some(({ sha256 }) => sha256 === target.sha256);
      states.set(
        target.sha256,
        itemOf(
          target,
          isHere ? "fetched" : "known",
          isHere ? target.length : await this.#content.received(target),
        ),
      );
    }
    await this.#content.writeIndex(here);
    show();
    this.#offer(wanted, here);
    let allDone = true;
    for (const target of wanted) {
      if (states.get(target.sha256)?.state === "fetched") continue;
      try {
        const refused = this.#refused.get(target.sha256);
        if (refused) throw refused;
        await this.#fetcher.fetch(target, here, wanted, signal, (received) => {
          states.set(target.sha256, itemOf(target, "fetching", received));
          show();
        });
        here.push(target);
        await this.#content.writeIndex(here);
        states.set(target.sha256, itemOf(target, "fetched", target.length));
        this.#offer(wanted, here);
        this.#parts.log.info("update fetched", {
          kind: target.kind,
          name: target.name,
          version: target.version,
          sha256: target.sha256,
        });
      } catch (error) {
        signal.throwIfAborted();
        const failure = asOutriderError(error);
        const isLasting = lasting.has(failure.code) || answeredWith(error, "not-found") !== null;
        if (isLasting) this.#refused.set(target.sha256, failure);
        else allDone = false;
        states.set(
          target.sha256,
          itemOf(
            target,
            isLasting ? "refused" : "known",
            Math.max(0, await this.#content.received(target)),
            failure,
          ),
        );
        this.#parts.log.warning("update not fetched", {
          name: target.name,
          version: target.version,
          code: failure.code,
          detail: failure.detail,
        });
      }
      show();
    }
    return allDone;
  }

  /** Offers a kind to its consumer once all wanted targets of that kind are fetched. */
  #offer(wanted: readonly Target[], here: readonly Target[]): void {
    const digests = new Set(here.map(({ sha256 }) => sha256));
    for (const kind of contentKinds) {
      const ofKind = wanted.filter((target) => target.kind === kind);
      if (ofKind.every(({ sha256 }) => digests.has(sha256))) this.#drivers.offer(kind, ofKind);
    }
  }

  #show(items: ContentItem[]): void {
    this.#items = items;
    this.#parts.changed(
      items.map((item) => this.#withRefusal(item)),
      this.#check,
    );
  }

  /** Fetched content that its consumer refused is shown as refused. */
  #withRefusal(item: ContentItem): ContentItem {
    const failure = item.state === "fetched" ? this.#drivers.refusalOf(item) : null;
    return failure ? { ...item, state: "refused", ...failure } : item;
  }
}

/** Tried again only when the signed list changes, or when an operator asks for updates. */
const lasting = new Set(["update-altered", "update-too-large", "storage-full"]);
