import { OutriderError } from "../../base/messages/error.ts";
import { fact } from "../../base/messages/facts.ts";
import { longestTargetBytes } from "../../protocol/schemas/updates.ts";
import { fetchPiece } from "../services/updates.ts";
import type { Session } from "../session/session.ts";
import type { ContentFolder } from "./content-folder.ts";
import { fetchTarget, type TargetFetching } from "./fetch-target.ts";
import { makeRoom, type Target } from "./wanted.ts";

export interface TargetFetcherParts extends Pick<TargetFetching, "clock" | "random"> {
  session: Pick<Session, "call">;
  /** Free space of the folder's file system. */
  freeBytes(): Promise<number>;
}

/** Left free for results of scans. */
const reserveBytes = 64 * 2 ** 20;

/** Fetches targets into the content folder, as far as there is room. */
export class TargetFetcher {
  readonly #parts: TargetFetcherParts;
  readonly #content: ContentFolder;

  constructor(parts: TargetFetcherParts, content: ContentFolder) {
    this.#parts = parts;
    this.#content = content;
  }

  /**
   * Fetches a target after it has made room for it: older versions that are not wanted go, out of
   * `here` too. `progress` gets the bytes that are here. Throws OutriderError "update-too-large",
   * "storage-full", "update-altered", and those of the updates service.
   */
  async fetch(
    target: Target,
    here: Target[],
    wanted: readonly Target[],
    signal: AbortSignal,
    progress: (received: number) => void,
  ): Promise<void> {
    const { session, clock, random, freeBytes } = this.#parts;
    if (target.length > longestTargetBytes)
      throw new OutriderError("update-too-large", {
        detail: fact("update-bytes", { bytes: target.length }),
      });
    const room = makeRoom(
      target,
      await this.#content.received(target),
      here,
      new Set(wanted.map(({ sha256 }) => sha256)),
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
      // The index first, so that it never names a file that is gone.
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
}
