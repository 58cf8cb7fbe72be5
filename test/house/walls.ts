import { posix } from "node:path";
import { findCircles } from "./circles.ts";
import type { Import } from "./imports.ts";
import { type Keeper, matches, type Room, roomOf } from "./rooms/room.ts";

/** Modules that read, write, wait for or start something outside of the program. */
const inputAndOutput = new Set([
  ...["node:fs", "node:fs/promises", "node:child_process", "node:cluster", "node:worker_threads"],
  ...["node:net", "node:http", "node:http2", "node:https", "node:tls", "node:dgram", "node:dns"],
  ...["node:dns/promises", "node:readline", "node:readline/promises", "node:repl", "node:tty"],
  ...["node:os", "node:process", "node:sqlite", "node:timers", "node:timers/promises"],
  ...["blessed", "execa", "fastify", "kysely", "quickjs-wasi", "systeminformation", "undici"],
]);

/** The names that a pure file may import from modules of input and output. */
const pureNames: Readonly<Record<string, readonly string[]>> = {
  "node:net": ["isIP", "isIPv4", "isIPv6", "BlockList", "SocketAddress"],
  "node:tls": ["rootCertificates"],
};

export interface House {
  rooms: readonly Room[];
  keepers: readonly Keeper[];
  /** Packages of package.json's `dependencies`: what the appliance and the platform ship with. */
  shipped: readonly string[];
}

/** One sentence for each import that crosses a wall. */
export function brokenWalls(imports: readonly Import[], house: House): string[] {
  return imports.flatMap((entry) => {
    const folder = posix.dirname(entry.file);
    const room = roomOf(folder, house.rooms);
    if (room === undefined) return [];
    return entry.local
      ? crossedWall(entry, folder, room)
      : [...impure(entry, room), ...notKept(entry, folder, house), ...notShipped(entry, house)];
  });
}

/** One sentence for each folder that has no row, and for each row that no folder has. */
export function missingRooms(files: readonly string[], rooms: readonly Room[]): string[] {
  const folders = [...new Set(files.map((file) => posix.dirname(file)))];
  const without = folders.filter((folder) => roomOf(folder, rooms) === undefined);
  const empty = rooms.filter((room) => !folders.some((folder) => matches(room.folder, folder)));
  return [
    ...without.map((folder) => `${folder} has no row in test/house/rooms: what may it import?`),
    ...empty.map((room) => `${room.folder} has a row in test/house/rooms, but no file.`),
  ];
}

function crossedWall({ file, target, type }: Import, folder: string, room: Room): string[] {
  const to = posix.dirname(target);
  if (to === folder || posix.extname(target) === ".json") return [];
  const allowed = type ? [...room.imports, ...(room.types ?? [])] : room.imports;
  if (allowed.some((pattern) => matches(pattern, to))) return [];
  return [`${file} may not import ${to}: ${room.because}.`];
}

function impure({ file, target, type, names }: Import, room: Room): string[] {
  const pure = room.pure === true || posix.basename(file).includes("model");
  if (!pure || type || !inputAndOutput.has(target)) return [];
  const allowed = pureNames[target] ?? [];
  if (names.length > 0 && names.every((name) => allowed.includes(name))) return [];
  return [`${file} may not import ${target}: it is pure, so it does no input or output.`];
}

function notKept({ file, target, type }: Import, folder: string, { keepers }: House): string[] {
  const keeper = keepers.find(({ packages }) => packages.includes(target));
  if (type || !keeper || keeper.rooms.some((pattern) => matches(pattern, folder))) return [];
  return [`${file} may not import ${target}: ${keeper.because}.`];
}

function notShipped({ file, target, type }: Import, { shipped }: House): string[] {
  if (type || target.startsWith("node:") || shipped.includes(target)) return [];
  if (!file.startsWith("src/") && !file.startsWith("console/")) return [];
  return [`${file} may not import ${target}: it ships, and the package is for development only.`];
}

/** One sentence for each circle of files, types included. */
export function circlesOfFiles(imports: readonly Import[]): string[] {
  const graph = graphOf(imports, (file) => file);
  return findCircles(graph).map((files) => `These files import each other: ${files.join(", ")}.`);
}

/** One sentence for each circle of folders, types included. */
export function circlesOfFolders(imports: readonly Import[]): string[] {
  const graph = graphOf(imports, posix.dirname);
  return findCircles(graph).map((names) => `These folders import each other: ${names.join(", ")}.`);
}

function graphOf(
  imports: readonly Import[],
  nodeOf: (file: string) => string,
): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { file, target, local } of imports) {
    const [from, to] = [nodeOf(file), nodeOf(target)];
    // A folder's files may import each other; a file that imports itself is a circle.
    if (!local || (from === to && file !== target)) continue;
    graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  return graph;
}
