import { createHash } from "node:crypto";
import type { ContentKind } from "../protocol/schemas/updates.ts";

/** One file that was fetched and verified: a target of the TUF repository. */
export interface ContentFile {
  name: string;
  version: string;
  sha256: string;
  length: number;
}

/** All files of one kind that belong together: the newest of each name. */
export interface ContentSet {
  kind: ContentKind;
  /** SHA-256 over names, versions and digests: the same files have the same id. */
  id: string;
  files: readonly ContentFile[];
}

/** A set whose files lie on the disk. */
export interface FetchedSet extends ContentSet {
  /** A file's path, by its digest. */
  pathOf(file: ContentFile): string;
}

/**
 * Uses the content of one kind. A consumer implements this interface and has a line in
 * src/agent/updates/consumer-list.ts; the driver calls its steps in order and records the current
 * one.
 *
 * Each step may be called again for the same set after a crash in the middle of it, and must then
 * end as if it had been called once. A step that cannot be done throws an OutriderError; the driver
 * rolls back and does not try that set again, unless the error is a passing one (driver.ts).
 */
export interface UpdateConsumer {
  readonly kind: ContentKind;
  /**
   * The kind's own checks. Length, digest and signatures were checked when the files were fetched
   * (TUF 5.7.3).
   */
  verify(set: FetchedSet, signal: AbortSignal): Promise<void>;
  /**
   * Prepares the set beside the one in use. The files may be removed once this has resolved, so the
   * consumer copies or links those that it needs.
   */
  install(set: FetchedSet, signal: AbortSignal): Promise<void>;
  /** Switches to the installed set at once: after a crash the old or the new one is in use. */
  activate(set: ContentSet, signal: AbortSignal): Promise<void>;
  /** Undoes `install` and `activate`: the previous set is in use again. */
  rollback(set: ContentSet, signal: AbortSignal): Promise<void>;
  /** The id of the set in use as the consumer finds it on the disk; null when there is none. */
  state(): Promise<{ active: string | null }>;
}

export function contentSet(kind: ContentKind, files: readonly ContentFile[]): ContentSet {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = sorted.map(({ name, version, sha256 }) => `${name} ${version} ${sha256}\n`);
  return { kind, id: createHash("sha256").update(lines.join("")).digest("hex"), files: sorted };
}
