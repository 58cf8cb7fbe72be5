import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestPlatform } from "./platform.ts";

const main = fileURLToPath(new URL("../../../src/platform/main.ts", import.meta.url));

export interface Printed {
  exitCode: number | null;
  output: string;
  error: string;
}

/** `platform keys …` in a process of its own, as an operator types it. */
export async function keysCommand(platform: TestPlatform, ...words: string[]): Promise<Printed> {
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      main,
      "keys",
      ...words,
      "--data",
      platform.dataFolder,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let error = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
  });
  await once(child, "close");
  return { exitCode: child.exitCode, output, error };
}

export type KeyKind = "reply" | "authority";

const files: Record<KeyKind, string> = {
  reply: "reply-keys.json",
  authority: "certificate-authority.json",
};

/** The key that signs now. */
export async function presentKey(platform: TestPlatform, kind: KeyKind): Promise<string> {
  const { keys } = await platform.api.keys();
  return keys.find((key) => key.kind === kind && key.state === "used")?.id ?? "";
}

/** Starts the platform again when the terms of what it has announced are over. */
export async function afterTheTerm(platform: TestPlatform): Promise<void> {
  await platform.stop();
  for (const name of Object.values(files)) {
    const path = join(platform.dataFolder, name);
    const stored = JSON.parse(await readFile(path, "utf8"));
    if (stored.next)
      await writeFile(path, JSON.stringify({ ...stored, next: { ...stored.next, useBy: 1 } }));
  }
  await platform.restart();
}
