import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { PlatformAnswer } from "../../../src/agent/session/reply-errors.ts";
import type { SignedClient } from "../../../src/agent/session/signed-client.ts";
import {
  type ContentCheck,
  Updates,
  type UpdatesParts,
} from "../../../src/agent/updates/updates.ts";
import { silentLog } from "../../../src/base/log.ts";
import { OutriderError } from "../../../src/base/messages/error.ts";
import type { ContentItem } from "../../../src/protocol/schemas/updates.ts";
import { FakeClock, fixedRandom } from "../clock.ts";
import { TestRepository } from "../platform/content.ts";

const gigabyte = 2 ** 30;

/** An appliance's updates over a repository; `path` sees each request first and may answer it. */
export async function setUpUpdates(t: ExecutionContext) {
  const clock = new FakeClock();
  const repository = await TestRepository.make(clock);
  const folder = await mkdtemp(join(tmpdir(), "outrider-updates-"));
  t.teardown(async () => {
    await repository.remove();
    await rm(folder, { recursive: true, force: true });
  });
  const state = {
    asked: [] as string[],
    items: [] as ContentItem[],
    seen: [] as string[],
    check: { at: null, failure: null } as ContentCheck,
    freeBytes: gigabyte,
    path: (_what: string): Uint8Array | Error | undefined => undefined,
  };
  const answer = async (url: string): Promise<Uint8Array> => {
    const what = url.replace("https://u/", "");
    state.asked.push(what);
    const instead = state.path(what);
    if (instead instanceof Error) throw instead;
    if (instead) return instead;
    const piece = /^targets\/(\w+)\?from=(\d+)&length=(\d+)$/.exec(what);
    if (piece)
      return repository.repository.piece(piece[1] ?? "", Number(piece[2]), Number(piece[3]));
    const bytes = await repository.repository.metadata(what.replace("metadata/", ""));
    if (!bytes) throw new PlatformAnswer("not-found");
    return bytes;
  };
  const client = {
    request: async () => {
      const announcements = repository.repository
        .list()
        .map(({ sha256: _, sequence: __, ...facts }) => facts);
      return { serverTime: 1, version: repository.repository.version, announcements };
    },
    download: ({ url }: { url: string }) => answer(url),
  } as unknown as SignedClient;
  let settled = Promise.withResolvers<void>();
  const start = (
    root: string | null = repository.repository.rootText,
    consumers: UpdatesParts["consumers"] = [],
  ) => {
    const stop = new AbortController();
    t.teardown(() => stop.abort());
    const updates = new Updates({
      consumers,
      clock,
      folder,
      root,
      random: fixedRandom(0.5),
      log: silentLog,
      session: { call: (_service, _signal, call) => call(client, "https://u") },
      platformNowMs: clock.nowMs,
      freeBytes: async () => state.freeBytes,
      failureOf: (error) => ({
        code: error instanceof OutriderError ? error.code : "internal-error",
        detail: String(error),
        at: 1,
      }),
      changed: (items, check) => {
        state.items = items;
        state.check = check;
        for (const { name, version, state: how, received } of items)
          state.seen.push(`${name} ${version} ${how} ${received}`);
        settled.resolve();
        settled = Promise.withResolvers();
      },
    });
    const ended = updates.run(stop.signal);
    return { updates, stop, ended };
  };
  /** Waits until the items are as expected; waits for tries again pass by the clock. */
  const until = async (check: (items: ContentItem[]) => boolean) => {
    while (!check(state.items)) {
      await Promise.race([settled.promise, new Promise((resolve) => setImmediate(resolve))]);
      if (clock.sleepsMs.some((sleepMs) => sleepMs < 3_600_000)) await clock.advance(1000);
    }
  };
  const fetched = (...names: string[]) =>
    until(
      (items) =>
        items.length === names.length &&
        items.every(
          ({ name, version, state: how }) =>
            how === "fetched" && names.includes(`${name} ${version}`),
        ),
    );
  const index = async () => JSON.parse(await readFile(join(folder, "index.json"), "utf8")).items;
  return { clock, repository, folder, state, start, until, fetched, index };
}
