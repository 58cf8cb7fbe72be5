import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MetadataStore, RoleName } from "../../../src/agent/updates/metadata-store.ts";
import type { Clock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { systemRandom } from "../../../src/base/random.ts";
import { ContentRepository } from "../../../src/platform/content/repository.ts";

/** A platform's repository in a folder of its own, and its file as an attacker finds them. */
export class TestRepository {
  readonly folder: string;
  readonly repository: ContentRepository;
  readonly #clock: Clock;

  private constructor(folder: string, repository: ContentRepository, clock: Clock) {
    this.folder = folder;
    this.repository = repository;
    this.#clock = clock;
  }

  static async make(clock: Clock, from?: string): Promise<TestRepository> {
    const folder = await mkdtemp(join(tmpdir(), "outrider-repository-"));
    if (from !== undefined) await cp(from, folder, { recursive: true });
    return new TestRepository(
      folder,
      await ContentRepository.open(folder, clock, silentLog),
      clock,
    );
  }

  /** A copy with the same keys; its publications from now on are a history of their own. */
  fork(): Promise<TestRepository> {
    return TestRepository.make(this.#clock, this.folder);
  }

  async publish(
    version: string,
    file: Uint8Array = Buffer.from(version),
    name = "core",
    kind: "signatures" | "software" = "signatures",
  ): Promise<void> {
    const uploaded = await this.repository.files.receive(once(file), systemRandom);
    await this.repository.publish({ kind, name, version, summary: "" }, uploaded);
  }

  file = (name: string): Promise<Buffer | null> =>
    readFile(join(this.folder, "metadata", name)).catch(() => null);

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** The metadata store of walks, in memory. */
export class MemoryMetadata implements MetadataStore {
  readonly kept = new Map<RoleName, Uint8Array>();
  readonly #anchor: Uint8Array;

  constructor(anchor: string) {
    this.#anchor = Buffer.from(anchor);
  }

  trustedRoot = async (): Promise<Uint8Array> => this.kept.get("root") ?? this.#anchor;
  read = async (role: RoleName): Promise<Uint8Array | null> => this.kept.get(role) ?? null;
  async write(role: RoleName, bytes: Uint8Array): Promise<void> {
    this.kept.set(role, bytes);
  }
  async remove(role: RoleName): Promise<void> {
    this.kept.delete(role);
  }
}
