import { readFile } from "node:fs/promises";
import type { Namespaces } from "./namespaces.ts";

/** PID of a container's first process inside the lab's namespaces, or null when it is off. */
export async function leaderOf(namespaces: Namespaces, option: string): Promise<number | null> {
  const [nspawn] = await nspawnWith(namespaces, option);
  if (nspawn === undefined) return null;
  for (const pid of await childrenOf(namespaces, nspawn)) {
    const status = await textOf(namespaces, `/proc/${pid}/status`);
    if (/^NSpid:.*\s1$/m.test(status)) return pid;
  }
  return null;
}

/** PIDs, inside the lab's namespaces, of systemd-nspawn with this among its options. */
export async function nspawnWith(namespaces: Namespaces, option: string): Promise<number[]> {
  const { stdout } = await namespaces.run([
    "sh",
    "-c",
    'for f in /proc/[0-9]*/comm; do { read -r c <"$f"; } 2>/dev/null && echo "$f $c"; done; true',
  ]);
  const found: number[] = [];
  for (const line of stdout.split("\n")) {
    const [, pid, name] = /^\/proc\/(\d+)\/comm (.*)$/.exec(line) ?? [];
    // The kernel keeps 15 bytes of a process's name (proc_pid_comm(5)).
    if (pid === undefined || name !== "systemd-nspawn".slice(0, 15)) continue;
    const options = (await textOf(namespaces, `/proc/${pid}/cmdline`)).split("\0");
    if (options.includes(option)) found.push(Number(pid));
  }
  return found;
}

async function childrenOf(namespaces: Namespaces, pid: number): Promise<number[]> {
  const text = await textOf(namespaces, `/proc/${pid}/task/${pid}/children`);
  return text.split(/\s+/).filter(Boolean).map(Number);
}

/** "" for a process that has ended. */
function textOf(namespaces: Namespaces, path: string): Promise<string> {
  return readFile(namespaces.path(path), "utf8").catch(() => "");
}
