import { readFileSync } from "node:fs";

/**
 * A file of /proc or /sys, "" when it cannot be read. Not asynchronously: the kernel has it in
 * memory, and the four ways to the thread pool and back that another reading takes cost several
 * times as much as the reading (8 files: 1.2 ms against 0.3 ms of processor time).
 */
export function readKernelFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
