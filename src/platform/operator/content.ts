import type { Role } from "../content/keys.ts";
import type { PublishedContent } from "../content/published-content.ts";
import type { ReplacedKey } from "../content/signed-metadata.ts";
import type { PlatformContext } from "../services/context.ts";
import type { Actor, Deed, Journal } from "./journal.ts";
import type { ContentReply, ContentView, NewContent } from "./schemas.ts";

/** Signature packs and software that the operator publishes; each act is in the journal. */
export class Content {
  readonly #context: PlatformContext;
  readonly #journal: Journal;

  constructor(context: PlatformContext, journal: Journal) {
    this.#context = context;
    this.#journal = journal;
  }

  async view(): Promise<ContentReply> {
    const { content } = this.#context;
    return { version: content.version, content: this.list(), keys: await content.roles() };
  }

  /** Newest first. */
  list(): ContentView[] {
    const seen = new Set<string>();
    return this.#context.content.list().map((each) => {
      const key = `${each.kind}/${each.name}`;
      const newest = !seen.has(key);
      seen.add(key);
      return { ...each, newest };
    });
  }

  /** Publishes a file while it is received; appliances learn of it with their next heartbeat. */
  async publish(
    { summary = "", ...wanted }: NewContent,
    file: AsyncIterable<Uint8Array>,
    who: Actor,
  ): Promise<PublishedContent> {
    const { content, random } = this.#context;
    const uploaded = await content.files.receive(file, random);
    try {
      const work = () => content.publish({ ...wanted, summary }, uploaded);
      return await this.#do(
        "content-published",
        nameOf(wanted),
        who,
        work,
        ({ sha256 }) => `SHA-256 ${sha256}`,
      );
    } finally {
      await content.files.discard(uploaded);
    }
  }

  async withdraw(
    wanted: Pick<ContentView, "kind" | "name" | "version">,
    who: Actor,
  ): Promise<void> {
    await this.#do("content-withdrawn", nameOf(wanted), who, () =>
      this.#context.content.withdraw(wanted),
    );
  }

  async replaceKey(role: Role, who: Actor, expected: string | null = null): Promise<ReplacedKey> {
    const work = () => this.#context.content.replaceKey(role, expected);
    return this.#do(
      "content-key-replaced",
      role,
      who,
      work,
      ({ before, keyId, rootVersion }) => `${before} -> ${keyId}, root version ${rootVersion}`,
    );
  }

  async #do<T>(
    what: Deed["what"],
    subject: string,
    who: Actor,
    work: () => Promise<T>,
    describe?: (result: T) => string,
  ): Promise<T> {
    try {
      return await this.#journal.note({ what, subject }, who, work, describe);
    } finally {
      this.#context.changes.publish(null);
    }
  }
}

function nameOf({ kind, name, version }: Pick<ContentView, "kind" | "name" | "version">): string {
  return `${kind} ${name} ${version}`;
}
