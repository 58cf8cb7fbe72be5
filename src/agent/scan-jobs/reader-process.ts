import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A process that reads one output (src/scan/read/main.ts). */
export interface ReaderProcess {
  /** Takes the order and the output's bytes. */
  input: Writable;
  output: Readable;
  end(): void;
}

/** Rejects when the process cannot be started. */
export type StartReader = () => Promise<ReaderProcess>;

/**
 * Has systemd start a unit for each connection, outrider-reader@.service: without network, files and
 * rights, and with limits of memory and time.
 */
export function readerBehind(socket: string): StartReader {
  return async () => {
    const connection = createConnection({ path: socket, allowHalfOpen: true });
    await once(connection, "connect");
    return { input: connection, output: connection, end: () => connection.destroy() };
  };
}

/** Where no systemd is: a child that may read its own program and start nothing. */
export function readerAsChild(given?: string): StartReader {
  return async () => {
    const { folder, program } = programFiles(import.meta.url);
    const child = spawn(
      process.execPath,
      [
        "--permission",
        `--allow-fs-read=${folder}`,
        "--max-old-space-size=96",
        "--max-semi-space-size=8",
        "--no-warnings",
        given ?? program,
      ],
      { env: { MALLOC_ARENA_MAX: "1" }, stdio: ["pipe", "pipe", "ignore"] },
    );
    await once(child, "spawn");
    const { stdin: input, stdout: output } = child;
    const end = () => {
      child.kill("SIGKILL");
      input.destroy();
      output.destroy();
    };
    return { input, output, end };
  };
}

/** Beside the agent's bundle; in development the program's modules are all over the project. */
function programFiles(self: string): { folder: string; program: string } {
  const here = dirname(fileURLToPath(self));
  if (self.endsWith(".js")) return { folder: here, program: join(here, "reader.js") };
  const root = join(here, "../../..");
  return { folder: root, program: join(root, "src/scan/read/main.ts") };
}
