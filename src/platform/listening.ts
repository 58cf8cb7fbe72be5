import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../base/durable-file.ts";
import { parseJson } from "../base/json.ts";
import type { PlatformOptions } from "./options.ts";

/** Where the platform that has a data folder listens, for commands on the same machine. */
export interface Listening {
  host: string;
  port: number;
}

const file = (dataFolder: string) => join(dataFolder, "listening.json");

export async function keepListening(options: PlatformOptions, port: number): Promise<void> {
  const everywhere: Record<string, string> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const host = everywhere[options.host] ?? options.host;
  await writeDurably(file(options.dataFolder), JSON.stringify({ host, port }));
}

/** Throws when no platform was ever started with this folder. */
export async function readListening(dataFolder: string): Promise<Listening> {
  const kept = parseJson(await readFile(file(dataFolder), "utf8"));
  if (typeof kept === "object" && kept !== null && "host" in kept && "port" in kept) {
    const { host, port } = kept;
    if (typeof host === "string" && typeof port === "number") return { host, port };
  }
  throw new TypeError(`${file(dataFolder)} is damaged: start the platform again`);
}
