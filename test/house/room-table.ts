import { matches, type Room } from "./rooms/room.ts";

/**
 * ARCHITECTURE.md's table of folders: a line a room, its purpose, and the folders outside of it that
 * it may import. Rooms come in the order of their paths, so that a reader finds them as in the tree.
 */
export function roomTable(rooms: readonly Room[]): string {
  const lines = rooms
    .filter((room) => room.what !== undefined)
    .toSorted((a, b) => orderOf(a.folder, b.folder))
    .map(({ folder, what, imports, types, pure }) => {
      const purpose = pure === true ? `${what} (pure)` : what;
      return `| ${code(folder)} | ${purpose} | ${talksTo(folder, imports, types ?? [])} |`;
    });
  return ["| folder | what | talks to |", "|---|---|---|", ...lines].join("\n");
}

/** src first, as most of the code is there; then what people see, the build, the tests. */
const tops = ["src", "console", "image", "packer", "test"];

function orderOf(a: string, b: string): number {
  const [topA = "", topB = ""] = [a.split("/")[0], b.split("/")[0]];
  return tops.indexOf(topA) - tops.indexOf(topB) || (a < b ? -1 : 1);
}

function talksTo(folder: string, imports: readonly string[], types: readonly string[]): string {
  const inside = (pattern: string) => matches(`${folder}/**`, pattern.replace(/\/\*+$/, ""));
  const named = [...new Set(imports)].filter((pattern) => !inside(pattern)).sort();
  const onlyTypes = types.filter((pattern) => !named.includes(pattern)).sort();
  const all = [...named.map(code), ...onlyTypes.map((name) => `types of ${code(name)}`)];
  return all.length === 0 ? "nothing" : all.join(", ");
}

function code(pattern: string): string {
  return `\`${pattern.replace(/\/\*\*$/, "")}\``;
}
