import type { ContentReply, ContentView, NewContent } from "../api/schemas.ts";
import type { Role } from "../content/keys.ts";
import type { PublishedContent } from "../content/repository.ts";
import type { PlatformContext } from "../services/context.ts";

/** Signature packs and software, as the operator publishes them. */
export class Content {
  readonly #context: PlatformContext;

  constructor(context: PlatformContext) {
    this.#context = context;
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

  /** Takes the file in as it comes; appliances hear of it with their next heartbeat. */
  async publish({ summary = "", ...wanted }: NewContent, file: AsyncIterable<Uint8Array>): Promise<PublishedContent> {
    const { content, random, changes } = this.#context;
    const uploaded = await content.files.receive(file, random);
    try {
      const published = await content.publish({ ...wanted, summary }, uploaded);
      changes.publish(null);
      return published;
    } finally {
      await content.files.discard(uploaded);
    }
  }

  async withdraw(wanted: Pick<ContentView, "kind" | "name" | "version">): Promise<void> {
    await this.#context.content.withdraw(wanted);
    this.#context.changes.publish(null);
  }

  async replaceKey(role: Role): Promise<void> {
    await this.#context.content.replaceKey(role);
    this.#context.changes.publish(null);
  }
}
