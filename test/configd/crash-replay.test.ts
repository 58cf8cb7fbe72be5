import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import test, { type ExecutionContext } from "ava";
import { removeDurably, writeDurably } from "../../src/base/durable-file.ts";
import { silentLog } from "../../src/base/log.ts";
import { type AppliancePaths, appliancePaths } from "../../src/configd/api/paths.ts";
import { factoryReset, finishFactoryReset } from "../../src/configd/kept/factory-reset.ts";
import { SavedSettings } from "../../src/configd/kept/saved-settings.ts";
import { ZeroTouch } from "../../src/configd/zero-touch/zero-touch.ts";
import {
  defaultHttpProxy,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { parseSettings } from "../../src/settings/parse.ts";
import { CrashDisk, layOut, type Tree } from "../testkit/configd/crash-disk.ts";
import { recordChanges } from "../testkit/configd/crash-recorder.ts";
import { FakeSystem } from "../testkit/configd/fake-system.ts";

const by = { how: "command-line", who: "anna", why: "" } as const;
const withUser = (user: string): Settings => ({
  ...defaultSettings,
  hostname: `of-${user}`,
  proxy: { ...defaultHttpProxy, host: "proxy.outrider.test", user },
});

/** Repeatable random numbers (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Replay {
  /** Prepares the folder before the recorded work. */
  before?: (root: string) => Promise<unknown>;
  work: (root: string) => Promise<unknown>;
  /** Describes the damage that a cut left; null without any. `finished` when the work had ended. */
  fault: (root: string, finished: boolean) => Promise<string | null>;
  mostPerCut?: number;
}

/**
 * Records the work once, then checks every disk that a power cut at any of its changes may leave.
 */
async function replay(
  t: ExecutionContext,
  { before, work, fault, mostPerCut = 48 }: Replay,
): Promise<void> {
  const folder = async () => {
    const made = await mkdtemp(join(tmpdir(), "outrider-crash-"));
    t.teardown(() => rm(made, { recursive: true, force: true }));
    return made;
  };
  const root = await folder();
  await before?.(root);
  const disk = await CrashDisk.of(root);
  const cuts: { what: string; trees: Tree[]; finished: boolean }[] = [];
  const chance = seeded(7);
  await recordChanges(
    root,
    disk,
    (what, now) => cuts.push({ what, trees: now.trees(mostPerCut, chance), finished: false }),
    () => work(root),
  );
  cuts.push({ what: "the end", trees: disk.trees(mostPerCut, chance), finished: true });
  const seen = new Set<string>();
  for (const { what, trees, finished } of cuts) {
    for (const tree of trees) {
      const key = `${finished} ${JSON.stringify([...tree].map(([path, content]) => [path, content?.toString("base64") ?? null]))}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const found = await folder();
      await layOut(tree, found);
      const wrong = await fault(found, finished);
      if (wrong !== null) t.fail(`after "${what}", with ${[...tree.keys()].join(", ")}: ${wrong}`);
      await rm(found, { recursive: true, force: true });
    }
  }
  t.true(cuts.length > 3, "something was recorded");
  t.log(`${cuts.length} cuts, ${seen.size} disks`);
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

test.serial(
  "the model finds a file that is renamed before it is synced, and one whose folder is not synced",
  async (t) => {
    const contents = new Set<string>();
    const look = async (work: (root: string) => Promise<unknown>) => {
      contents.clear();
      await replay(t, {
        before: (root) => writeFile(join(root, "file"), "old"),
        work,
        fault: async (root, finished) => {
          if (finished)
            contents.add(await readFile(join(root, "file"), "utf8").catch(() => "missing"));
          return null;
        },
      });
      return [...contents].sort();
    };
    const { open, rename } = await import("node:fs/promises");
    const careless = async (root: string, sync: boolean) => {
      const { open: openNow, rename: renameNow } = await import("node:fs/promises");
      t.not(openNow, open, "the recorder is at work");
      t.not(renameNow, rename);
      const file = await openNow(join(root, "new"), "wx");
      await file.writeFile("whole new content");
      if (sync) await file.sync();
      await file.close();
      await renameNow(join(root, "new"), join(root, "file"));
    };
    t.deepEqual(await look((root) => careless(root, false)), [
      "",
      "old",
      "whole ne",
      "whole new content",
    ]);
    t.deepEqual(await look((root) => careless(root, true)), ["old", "whole new content"]);
  },
);

test.serial(
  "writeDurably leaves the old file or the new one, and the new one for certain when it has ended",
  async (t) => {
    await replay(t, {
      before: (root) => writeFile(join(root, "file"), "old"),
      work: (root) => writeDurably(join(root, "file"), "new".repeat(1000)),
      fault: async (root, finished) => {
        const content = await readFile(join(root, "file"), "utf8").catch(() => "missing");
        return content === "new".repeat(1000) || (content === "old" && !finished)
          ? null
          : `it holds ${content.slice(0, 20)}`;
      },
    });
    await replay(t, {
      before: (root) => writeFile(join(root, "file"), "old"),
      work: (root) => removeDurably(join(root, "file")),
      fault: async (root, finished) => {
        const content = await readFile(join(root, "file"), "utf8").catch(() => null);
        return content === null || (content === "old" && !finished) ? null : "it is there again";
      },
    });
  },
);

/** Checks that settings and password belong together; describes the damage otherwise. */
async function keptPair(
  paths: AppliancePaths,
  pairs: readonly [Settings, string | null][],
): Promise<string | null> {
  const kept = new SavedSettings(paths, new FakeSystem());
  const loaded = await kept.load();
  if (loaded.failure !== null) return loaded.failure;
  const password = await kept.secrets.read("proxy-password");
  if (
    !pairs.some(
      ([settings, secret]) => isDeepStrictEqual(settings, loaded.settings) && secret === password,
    )
  )
    return `${loaded.settings.hostname} with password ${password}`;
  const names = await readdir(paths.settings.history).catch(() => []);
  for (const name of names.filter((each) => each.endsWith(".yaml"))) {
    const text = await readFile(join(paths.settings.history, name), "utf8");
    if (!parseSettings(text).ok) return `${name} of the history is not whole`;
  }
  // The loaded settings are the newest of the history, so that they can be restored later.
  if (loaded.source === "file") {
    const [newest] = await kept.history();
    if (!isDeepStrictEqual(newest?.settings, loaded.settings))
      return "the history does not have what is kept";
  }
  return null;
}

test.serial(
  "settings and password are kept together: at every cut both are the old ones or both the new ones",
  async (t) => {
    const save = (root: string, user: string, password: string | null) =>
      new SavedSettings(appliancePaths(root), new FakeSystem()).save(
        withUser(user),
        { "proxy-password": password },
        by,
      );
    const pairs: [Settings, string | null][] = [
      [withUser("anna"), "of anna"],
      [withUser("berta"), "of berta"],
    ];
    await replay(t, {
      before: (root) => save(root, "anna", "of anna"),
      work: (root) => save(root, "berta", "of berta"),
      fault: (root, finished) => keptPair(appliancePaths(root), finished ? pairs.slice(1) : pairs),
    });
    const [first = [defaultSettings, null] satisfies [Settings, string | null]] = pairs;
    await replay(t, {
      before: (root) => save(root, "anna", "of anna"),
      work: (root) => save(root, "berta", null),
      fault: (root, finished) =>
        keptPair(appliancePaths(root), [...(finished ? [] : [first]), [withUser("berta"), null]]),
    });
  },
);

test.serial("the very first settings are there whole or not at all", async (t) => {
  await replay(t, {
    work: (root) =>
      new SavedSettings(appliancePaths(root), new FakeSystem()).save(
        withUser("anna"),
        { "proxy-password": "of anna" },
        by,
      ),
    fault: (root, finished) =>
      keptPair(appliancePaths(root), [
        ...(finished ? [] : [[defaultSettings, null] satisfies [Settings, null]]),
        [withUser("anna"), "of anna"],
      ]),
  });
});

test.serial("the history keeps its ten older entries whole while the oldest goes", async (t) => {
  await replay(t, {
    before: async (root) => {
      const kept = new SavedSettings(appliancePaths(root), new FakeSystem());
      for (let number = 1; number <= 11; number++)
        await kept.save(withUser(`user-${number}`), { "proxy-password": "same" }, by);
    },
    work: (root) =>
      new SavedSettings(appliancePaths(root), new FakeSystem()).save(withUser("user-12"), {}, by),
    fault: async (root, finished) => {
      const wrong = await keptPair(appliancePaths(root), [
        ...(finished ? [] : [[withUser("user-11"), "same"] satisfies [Settings, string]]),
        [withUser("user-12"), "same"],
      ]);
      if (wrong !== null) return wrong;
      const entries = await new SavedSettings(appliancePaths(root), new FakeSystem()).history();
      return entries.length >= 11 ? null : `only ${entries.length} entries are left`;
    },
    mostPerCut: 24,
  });
});

test.serial(
  "the cut is recovered from again and again: a load that is cut off itself does no harm",
  async (t) => {
    const interrupted = async (root: string) => {
      const paths = appliancePaths(root);
      const kept = new SavedSettings(paths, new FakeSystem());
      await kept.save(withUser("anna"), { "proxy-password": "of anna" }, by);
      // The state after a power cut right after the rename of the settings: the secret is staged,
      // and the history lacks an entry.
      const text = await readFile(paths.settings.file, "utf8");
      await kept.save(withUser("berta"), { "proxy-password": "of berta" }, by);
      const newText = await readFile(paths.settings.file, "utf8");
      await writeFile(paths.settings.file, text);
      await kept.secrets.write("proxy-password", "of anna");
      await rm(join(paths.settings.history, "000002.yaml"));
      await kept.secrets.stage(
        { "proxy-password": "of berta" },
        createHash("sha256").update(newText).digest("hex"),
      );
      await writeFile(paths.settings.file, newText);
    };
    await replay(t, {
      before: interrupted,
      work: (root) => new SavedSettings(appliancePaths(root), new FakeSystem()).load(),
      fault: (root) => keptPair(appliancePaths(root), [[withUser("berta"), "of berta"]]),
    });
  },
);

test.serial(
  "a secret that was used is gone for certain, and one that is written is whole",
  async (t) => {
    await replay(t, {
      before: (root) =>
        new SavedSettings(appliancePaths(root), new FakeSystem()).save(
          withUser("anna"),
          { "activation-code": "code" },
          by,
        ),
      work: (root) =>
        new SavedSettings(appliancePaths(root), new FakeSystem()).secrets.write(
          "activation-code",
          null,
        ),
      fault: async (root, finished) => {
        const code = await new SavedSettings(appliancePaths(root), new FakeSystem()).secrets.read(
          "activation-code",
        );
        return code === null || (code === "code" && !finished) ? null : `it is ${code}`;
      },
    });
  },
);

test.serial("the report of the first reading is whole or not there", async (t) => {
  const report = { readAt: 5, sources: [], problems: [], notes: ["LAN_IP is blank"] };
  await replay(t, {
    before: (root) => mkdir(dirname(appliancePaths(root).zeroTouch.report), { recursive: true }),
    work: (root) => new ZeroTouch(new FakeSystem(), appliancePaths(root), () => 5).write(report),
    fault: async (root, finished) => {
      const read = await new ZeroTouch(new FakeSystem(), appliancePaths(root), () => 5).report();
      return isDeepStrictEqual(read, report) || (read.readAt === null && !finished)
        ? null
        : JSON.stringify(read);
    },
  });
});

test.serial(
  "a factory reset is not begun or is finished by the next start, whatever a cut leaves of it",
  async (t) => {
    const owned = [
      "settings/appliance.yaml",
      "secrets/proxy-password",
      "identity/device.key",
      "spool/job",
      "scan/job",
    ];
    const fill = async (root: string) => {
      const { data } = appliancePaths(root);
      for (const name of owned) {
        await mkdir(dirname(join(data, name)), { recursive: true });
        await writeFile(join(data, name), "x");
      }
    };
    const left = async (root: string) => {
      const there = await Promise.all(
        owned.map((name) => exists(join(appliancePaths(root).data, name))),
      );
      return owned.filter((_, index) => there[index]);
    };
    await replay(t, {
      before: fill,
      work: (root) =>
        factoryReset({ system: new FakeSystem(), paths: appliancePaths(root), log: silentLog }),
      fault: async (root) => {
        const begun = await finishFactoryReset(appliancePaths(root));
        const still = await left(root);
        if (begun) return still.length === 0 ? null : `${still.join()} outlived it`;
        return still.length === owned.length
          ? null
          : `it was not begun, but only ${still.join()} is left`;
      },
      mostPerCut: 24,
    });
    await replay(t, {
      before: async (root) => {
        await fill(root);
        await writeFile(appliancePaths(root).factoryReset, "");
      },
      work: (root) => finishFactoryReset(appliancePaths(root)),
      fault: async (root, finished) => {
        const marked = await exists(appliancePaths(root).factoryReset);
        if (finished && marked) return "it would be done once more";
        return marked || (await left(root)).length === 0
          ? null
          : "the mark is gone before everything else";
      },
      mostPerCut: 24,
    });
  },
);
