import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { OutriderError } from "../../base/messages/error.ts";
import { SerialQueue } from "../../base/serial-queue.ts";
import type { TargetFacts } from "../../protocol/schemas/updates.ts";
import type { Role } from "./keys.ts";
import { type PublishedContent, pathOf } from "./published-content.ts";
import { type ReplacedKey, type RoleState, SignedMetadata } from "./signed-metadata.ts";
import { TargetFiles, type UploadedFile } from "./target-files.ts";

/** Older versions of a name leave the list: one to go back to is enough. */
const keptOfEachName = 2;

/** The TUF repository of signature packs and software: the files, and the metadata that lists them. */
export class ContentRepository {
  readonly files: TargetFiles;
  readonly #metadata: SignedMetadata;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #changes = new SerialQueue();

  private constructor(files: TargetFiles, metadata: SignedMetadata, clock: Clock, log: Log) {
    this.files = files;
    this.#metadata = metadata;
    this.#clock = clock;
    this.#log = log;
  }

  static async open(folder: string, clock: Clock, log: Log): Promise<ContentRepository> {
    const files = new TargetFiles(join(folder, "targets"), join(folder, "uploads"));
    await files.open();
    const metadata = await SignedMetadata.open(folder, clock, log);
    const repository = new ContentRepository(files, metadata, clock, log);
    await repository.renew();
    return repository;
  }

  /** The newest root: what an appliance that enrols now trusts. */
  get rootText(): string {
    return this.#metadata.rootText;
  }

  /** Grows with each change of the published contents. */
  get version(): number {
    return this.#metadata.version;
  }

  /** Newest first. */
  list(): PublishedContent[] {
    return this.#metadata.contents;
  }

  /** A metadata file as it was signed; null for an unknown name. */
  metadata(name: string): Promise<Buffer | null> {
    return this.#metadata.bytes(name);
  }

  roles(): Promise<RoleState[]> {
    return this.#metadata.roles();
  }

  /**
   * At most `length` bytes of a published file. Throws OutriderError "not-found" for an unknown
   * file or a start beyond its end.
   */
  async piece(sha256: string, from: number, length: number): Promise<Buffer> {
    const content = this.list().find((each) => each.sha256 === sha256);
    if (!content || from >= content.length) throw new OutriderError("not-found");
    return this.files.piece(
      pathOf(content),
      content.sha256,
      from,
      Math.min(length, content.length - from),
    );
  }

  /**
   * Publishes an uploaded file. Throws OutriderError "content-exists" for a version that is there:
   * it never changes.
   */
  publish(
    wanted: Omit<TargetFacts, "publishedAt" | "sequence">,
    file: UploadedFile,
  ): Promise<PublishedContent> {
    return this.#changes.run(async () => {
      const published = this.list();
      if (published.some((each) => pathOf(each) === pathOf(wanted)))
        throw new OutriderError("content-exists", {
          detail: `${wanted.kind} ${wanted.name} ${wanted.version}`,
        });
      const sequence = Math.max(0, ...published.map((each) => each.sequence), this.version) + 1;
      const content: PublishedContent = {
        ...wanted,
        publishedAt: this.#clock.nowMs(),
        sequence,
        sha256: file.sha256,
        length: file.length,
      };
      const older = published
        .filter(({ kind, name }) => kind === wanted.kind && name === wanted.name)
        .slice(keptOfEachName - 1);
      const staying = published.filter((each) => !older.includes(each));
      await this.#metadata.requireKey("targets");
      await this.files.keep(file, pathOf(content));
      await this.#metadata.signTargets([...staying, content]);
      await this.#dropFiles(older);
      this.#log.info("content published", {
        kind: content.kind,
        name: content.name,
        version: content.version,
        sha256: content.sha256,
      });
      return content;
    });
  }

  /** Throws OutriderError "not-found" when it is not published. */
  withdraw(wanted: Pick<TargetFacts, "kind" | "name" | "version">): Promise<void> {
    return this.#changes.run(async () => {
      const published = this.list();
      const gone = published.filter((each) => pathOf(each) === pathOf(wanted));
      if (gone.length === 0) throw new OutriderError("not-found");
      await this.#metadata.signTargets(published.filter((each) => !gone.includes(each)));
      await this.#dropFiles(gone);
      this.#log.info("content withdrawn", {
        kind: wanted.kind,
        name: wanted.name,
        version: wanted.version,
      });
    });
  }

  /** Renews signatures that expire within half of their life. Called at the start and hourly. */
  renew(): Promise<void> {
    return this.#changes.run(() => this.#metadata.renew());
  }

  /**
   * Gives a role a new key, which appliances follow by themselves. With `expected`, only when that
   * is still its key, so that a request sent twice replaces the key once.
   */
  replaceKey(role: Role, expected: string | null = null): Promise<ReplacedKey> {
    return this.#changes.run(() => this.#metadata.replaceKey(role, expected));
  }

  async #dropFiles(gone: readonly PublishedContent[]): Promise<void> {
    for (const content of gone) await this.files.drop(pathOf(content), content.sha256);
  }
}
