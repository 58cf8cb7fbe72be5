import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { asOutriderError, OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import type { Random } from "../../base/random.ts";
import { WakeUp } from "../../base/wake-up.ts";
import type { Failure } from "../../configd/api/status.ts";
import { type ContentItem, longestTargetBytes } from "../../protocol/schemas/updates.ts";
import { fetchMetadata, fetchPiece, readAnnouncements } from "../services/updates.ts";
import type { Session } from "../session/session.ts";
import { ContentFolder } from "./content-folder.ts";
import { fetchTarget } from "./fetch-target.ts";
import { MetadataFolder } from "./metadata-store.ts";
import { makeRoom, newestOfEach, readTargets, type Target } from "./wanted.ts";

export interface UpdatesParts {
  session: Pick<Session, "call">;
  /** /data/outrider/content */
  folder: string;
  /** The root of trust that enrolment brought. */
  root: string | null;
  clock: Clock;
  /** The platform's time: what expires, expires by it. */
  platformNowMs(): number;
  random: Random;
  log: Log;
  /** Free space where the folder lies. */
  freeBytes(): Promise<number>;
  failureOf(error: unknown): Failure;
  changed(content: ContentItem[], check: ContentCheck): void;
}

/** When the signed list was last read whole, and what is wrong with it since. */
export interface ContentCheck {
  at: number | null;
  failure: Failure | null;
}

/** Left free for results, whatever is published. */
const reserveBytes = 64 * 2 ** 20;
const dayMs = 24 * 3_600_000;

/**
 * Updates: reads the signed list when there is news, fetches what is newest of each name, and keeps
 * it where those who use it find it. A loop of its own, so that nothing of this holds up a
 * heartbeat.
 */
export class Updates {
  readonly #parts: UpdatesParts;
  readonly #content: ContentFolder;
  readonly #wake = new WakeUp();
  /** The platform's version of which everything was seen to. */
  #handled: number | null = null;
  /** Refused for good until the next full walk: fetching it again would give the same. */
  readonly #refused = new Map<string, OutriderError>();
  #items: ContentItem[] = [];
  #check: ContentCheck = { at: null, failure: null };

  constructor(parts: UpdatesParts) {
    this.#parts = parts;
    this.#content = new ContentFolder(parts.folder);
  }

  /** What the heartbeat's reply says of the list of updates. */
  heard(version: number): void {
    if (version !== this.#handled) this.#wake.raise();
  }

  /** Looks at everything again, whatever is known. */
  walk(): void {
    this.#refused.clear();
    this.#wake.raise();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { folder, root, clock } = this.#parts;
    // TUF's models are loaded when the first list is read: an agent that is not enrolled has no use
    // for them.
    const { isRoot } = await import("./trusted-metadata.ts");
    const metadata = new MetadataFolder(join(folder, "metadata"), root, isRoot);
    await metadata.open();
    await this.#content.open();
    this.#show(
      (await this.#content.readIndex()).map((target) => itemOf(target, "fetched", target.length)),
    );
    while (!signal.aborted) {
      await this.#wake.wait(clock, dayMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      this.#wake.clear();
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
        log.warning("the signed list of updates could not be used", { code, detail });
        const known = new Set(this.#items.map(nameOf));
        // Said to exist, but by nobody whom the update keys name.
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

  /** True when there is nothing left to try before the next news. */
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
    let settled = true;
    for (const target of wanted) {
      if (states.get(target.sha256)?.state === "fetched") continue;
      try {
        await this.#fetch(
          target,
          here,
          new Set(wanted.map(({ sha256 }) => sha256)),
          signal,
          (received) => {
            states.set(target.sha256, itemOf(target, "fetching", received));
            show();
          },
        );
        here.push(target);
        await this.#content.writeIndex(here);
        states.set(target.sha256, itemOf(target, "fetched", target.length));
        this.#parts.log.info("update fetched", {
          kind: target.kind,
          name: target.name,
          version: target.version,
          sha256: target.sha256,
        });
      } catch (error) {
        signal.throwIfAborted();
        const failure = asOutriderError(error);
        const forGood = lasting.has(failure.code);
        if (forGood) this.#refused.set(target.sha256, failure);
        else settled = false;
        states.set(
          target.sha256,
          itemOf(
            target,
            forGood ? "refused" : "known",
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
    return settled;
  }

  async #fetch(
    target: Target,
    here: Target[],
    wanted: ReadonlySet<string>,
    signal: AbortSignal,
    progress: (received: number) => void,
  ): Promise<void> {
    const { session, clock, random, freeBytes } = this.#parts;
    const refused = this.#refused.get(target.sha256);
    if (refused) throw refused;
    if (target.length > longestTargetBytes)
      throw new OutriderError("update-too-large", {
        detail: fact("update-bytes", { bytes: target.length }),
      });
    const room = makeRoom(
      target,
      await this.#content.received(target),
      here,
      wanted,
      await freeBytes(),
      reserveBytes,
    );
    if (!room.ok)
      throw new OutriderError("storage-full", {
        detail: fact("update-room", {
          name: target.name,
          version: target.version,
          bytes: room.neededBytes,
        }),
      });
    for (const old of room.drop) {
      here.splice(here.indexOf(old), 1);
      // The index first: it never names what is gone.
      await this.#content.writeIndex(here);
      await this.#content.drop(old.sha256);
    }
    const piece = (sha256: string, from: number, length: number, stop: AbortSignal) =>
      session.call("updates", stop, (client, url) =>
        fetchPiece(client, url, sha256, from, length, stop),
      );
    await fetchTarget(
      target,
      { folder: this.#content, clock, random, fetchPiece: piece, progress },
      signal,
    );
  }

  #show(items: ContentItem[]): void {
    this.#items = items;
    this.#parts.changed(items, this.#check);
  }
}

/** Trying again without news of the platform, or without somebody's doing, is of no use. */
const lasting = new Set(["update-altered", "update-too-large", "storage-full", "not-found"]);

const nameOf = ({ kind, name, version }: Pick<ContentItem, "kind" | "name" | "version">) =>
  `${kind}/${name}/${version}`;

function itemOf(
  { kind, name, version, length }: Pick<Target, "kind" | "name" | "version" | "length">,
  state: ContentItem["state"],
  received: number,
  failure?: OutriderError,
): ContentItem {
  const why = failure
    ? { code: failure.code, ...failure.told, detail: failure.told.detail.slice(0, 500) }
    : {};
  return { kind, name, version, state, length, received, ...why };
}
