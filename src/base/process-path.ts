import { dirname, join } from "node:path";

export type EntryName = "configd" | "agent" | "cli" | "doctor" | "tools" | "console";

/** The program file of another process: a bundle in the image, a source file in development. */
export function entryPath(name: EntryName, running: string = process.argv[1] ?? ""): string {
  if (running.endsWith(".js")) return join(dirname(running), `${name}.js`);
  const root = new URL("../../", import.meta.url).pathname;
  return join(root, name === "console" ? "console/main.ts" : `src/${name}/main.ts`);
}
