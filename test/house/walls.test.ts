import { readFile } from "node:fs/promises";
import test from "ava";
import { readFiles, readImports, readSources, type Sources } from "./imports.ts";
import { keepers, rooms } from "./rooms/rooms.ts";
import {
  brokenWalls,
  circlesOfFiles,
  circlesOfFolders,
  type House,
  missingRooms,
} from "./walls.ts";

const files = await readFiles();
const sources = await readSources(files);
const manifest: { dependencies: Record<string, string> } = JSON.parse(
  await readFile(new URL("../../package.json", import.meta.url), "utf8"),
);
const house: House = { rooms, keepers, shipped: Object.keys(manifest.dependencies) };

async function faultsOf(tree: Sources): Promise<string[]> {
  const imports = await readImports(tree);
  return [
    ...missingRooms([...files, ...tree.keys()], rooms),
    ...brokenWalls(imports, house),
    ...circlesOfFiles(imports),
    ...circlesOfFolders(imports),
  ];
}

test("no import crosses a wall, and neither files nor folders import each other in a circle", async (t) => {
  const faults = await faultsOf(sources);
  t.deepEqual(faults, [], faults.join("\n"));
});

/** One import of each kind that the house forbids, and the sentence that names it. */
const forbidden: readonly [file: string, line: string, sentence: RegExp][] = [
  [
    "src/network/live-model.ts",
    'import "node:fs";',
    /live-model\.ts may not import node:fs: it is pure/,
  ],
  [
    "console/screens/network/model.ts",
    'import { connect } from "node:net";',
    /may not import node:net: it is pure/,
  ],
  [
    "src/settings/checks/validate.ts",
    'import "../../configd/api/paths.ts";',
    /may not import src\/configd\/api: settings are judged/,
  ],
  [
    "src/settings/checks/validate.ts",
    'import "node:child_process";',
    /may not import node:child_process: it is pure/,
  ],
  [
    "src/protocol/schemas/health.ts",
    'import "../../platform/options.ts";',
    /may not import src\/platform: appliance and platform share it/,
  ],
  [
    "src/protocol/schemas/health.ts",
    'import "../../agent/start/paths.ts";',
    /may not import src\/agent\/start: appliance and platform share it/,
  ],
  ["src/protocol/schemas/health.ts", 'import "node:fs";', /may not import node:fs: it is pure/],
  [
    "src/base/clock.ts",
    'import "../agent/start/paths.ts";',
    /may not import src\/agent\/start: everybody stands on base/,
  ],
  [
    "src/network/live.ts",
    'import "../agent/start/paths.ts";',
    /may not import src\/agent\/start: configd decides/,
  ],
  [
    "src/transport/path.ts",
    'import "../agent/start/paths.ts";',
    /may not import src\/agent\/start: what reaches a URL/,
  ],
  [
    "src/scan/profiles.ts",
    'import "../configd/api/paths.ts";',
    /may not import src\/configd\/api: /,
  ],
  [
    "src/cli/main.ts",
    'import "../platform/options.ts";',
    /may not import src\/platform: only configd touches the machine/,
  ],
  [
    "src/configd/daemon.ts",
    'import "../platform/options.ts";',
    /may not import src\/platform: configd serves/,
  ],
  [
    "src/agent/start/paths.ts",
    'import "../../../image/cache/cache.ts";',
    /may not import image\/cache: agent, doctor and platform meet only in the protocol/,
  ],
  [
    "src/agent/start/paths.ts",
    'import "../../platform/options.ts";',
    /may not import src\/platform: agent, doctor and platform meet only in the protocol/,
  ],
  [
    "src/platform/options.ts",
    'import "../configd/api/paths.ts";',
    /may not import src\/configd\/api: the platform meets the appliance only in the protocol/,
  ],
  [
    "src/doctor/main.ts",
    'await import("../agent/start/paths.ts");',
    /may not import src\/agent\/start: agent, doctor and platform meet/,
  ],
  [
    "src/doctor/main.ts",
    'import type { AgentPaths } from "../agent/start/paths.ts";',
    /may not import src\/agent\/start: agent, doctor and platform meet/,
  ],
  [
    "console/app/run.ts",
    'const fs = process.getBuiltinModule("node:fs");',
    /may not import node:fs: it is pure/,
  ],
  [
    "console/plain/run.ts",
    'import blessed from "blessed";',
    /may not import blessed: only console\/terminal imports blessed/,
  ],
  [
    "src/agent/start/paths.ts",
    'import { request } from "undici";',
    /may not import undici: the way to a URL/,
  ],
  [
    "src/configd/daemon.ts",
    'import fastify from "fastify";',
    /may not import fastify: nothing listens/,
  ],
  ["src/configd/daemon.ts", 'import fc from "fast-check";', /may not import fast-check: it ships/],
  [
    "src/simulation/system.ts",
    'import "../../test/testkit/clock.ts";',
    /may not import test\/testkit: it stands in for the machine/,
  ],
  [
    "image/start/main.ts",
    'import "../../test/testkit/clock.ts";',
    /may not import test\/testkit: the lab starts/,
  ],
  [
    "test/testkit/clock.ts",
    'import "../base/validation.test.ts";',
    /may not import test\/base: a helper does not know/,
  ],
  [
    "src/base/log.ts",
    'import type { Log as Same } from "./log.ts";',
    /These files import each other: src\/base\/log\.ts\./,
  ],
  [
    "src/base/messages/phrases.ts",
    'import type { Clock } from "../clock.ts";',
    /These folders import each other: src\/base, src\/base\/messages\./,
  ],
];

for (const [file, line, sentence] of forbidden) {
  test(`a scratch copy with ${line} in ${file} is caught`, async (t) => {
    const text = sources.get(file);
    if (text === undefined) return t.fail(`${file} is no more`);
    const before = new Set(await faultsOf(sources));
    const faults = await faultsOf(new Map([...sources, [file, `${line}\n${text}`]]));
    const added = faults.filter((fault) => !before.has(fault));
    t.true(
      added.some((fault) => sentence.test(fault)),
      added.join("\n"),
    );
  });
}

test("a new folder without a row is caught", async (t) => {
  const faults = await faultsOf(new Map([...sources, ["src/newcomer/first.ts", ""]]));
  t.true(faults.includes("src/newcomer has no row in test/house/rooms: what may it import?"));
});

test("a file may import types, which are erased before it runs, where its row allows that", async (t) => {
  const file = "src/agent/services/health.ts";
  const add = (line: string) =>
    faultsOf(new Map([...sources, [file, `${line}\n${sources.get(file) ?? ""}`]]));
  const broken = (faults: readonly string[]) => faults.filter((fault) => fault.startsWith(file));
  t.deepEqual(
    broken(await add('import type { Transport as T } from "../../transport/path.ts";')),
    [],
  );
  t.deepEqual(broken(await add('import { openPath } from "../../transport/path.ts";')), [
    `${file} may not import src/transport: a service's calls are made by the loops, which decide when.`,
  ]);
});
