import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Accelerator, probeAccelerator } from "../../image/build/accelerator.ts";
import { buildApplianceDisk } from "../../image/build/build-disk.ts";
import { BuildCache, cacheFolder } from "../../image/cache/cache.ts";
import type { Disk } from "../../image/disk/disk.ts";
import { projectFolder } from "../../image/root/system-layer.ts";
import type { EventLog } from "../../image/run/event-log.ts";
import { lineProgress, type Progress } from "../../image/run/progress.ts";
import { untilStopped } from "../../image/run/stop-signals.ts";
import { openTerminal, type Terminal } from "../../image/terminal/terminal.ts";
import { type Machine, makeOverlay, startMachine } from "../../image/vm/machine.ts";
import { usualMachine } from "../../image/vm/usual-machine.ts";
import { buildBareDebian } from "./bare-debian.ts";

const bootTimeoutMs = 900_000;

interface Candidate {
  name: string;
  disk: Disk;
  /** When the serial port is ready for a key. */
  ready: RegExp;
}

/** The first start grows the disk and makes keys; later starts are the usual wait. */
const starts = ["first start", "later start"] as const;

interface Taken {
  seconds: number;
  processorSeconds: number;
}

/**
 * `npm run bench:boot [-- --rounds=N] [--write]`: from power on to the console, beside a bare
 * Debian's login prompt.
 */
export async function benchBoot(args: readonly string[], log: EventLog): Promise<number> {
  const rounds = Number(
    args.map((arg) => /^--rounds=(\d+)$/.exec(arg)?.[1]).find((count) => count !== undefined) ?? 3,
  );
  const folder = await mkdtemp(join(tmpdir(), "outrider-bench-"));
  const machines = new Set<Machine<Terminal>>();
  const exitCode = await untilStopped(log, async () => {
    const progress = lineProgress(process.stderr);
    const cache = new BuildCache(cacheFolder());
    const { disk, boot, workshop } = await buildApplianceDisk(cache, progress);
    const bare = await buildBareDebian(workshop, boot.kernelVersion, cache, progress);
    const accelerator = await progress.step("Finding out whether KVM runs a guest here", () =>
      probeAccelerator(boot.kernel),
    );
    const candidates: Candidate[] = [
      { name: "bare Debian 13, login prompt", disk: bare, ready: /login: *$/m },
      { name: "Outrider, console", disk, ready: /Outrider - / },
    ];
    const taken = await measure(candidates, rounds, { folder, accelerator, machines }, progress);
    const page = renderPage(candidates, taken, rounds, accelerator, boot.kernelVersion);
    process.stdout.write(`\n${page}`);
    if (args.includes("--write"))
      await writeFile(join(projectFolder, "docs/measured/bench-boot.md"), page);
  });
  for (const machine of machines) await machine.close();
  await rm(folder, { recursive: true, force: true });
  return exitCode;
}

interface Bench {
  folder: string;
  accelerator: Accelerator;
  /** Those that run. */
  machines: Set<Machine<Terminal>>;
}

/**
 * By candidate and start. One after the other in each round, so that what else the machine does
 * falls on all of them alike.
 */
async function measure(
  candidates: readonly Candidate[],
  rounds: number,
  bench: Bench,
  progress: Progress,
): Promise<Map<string, Taken[]>> {
  const all = new Map<string, Taken[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const overlay = await makeOverlay(join(bench.folder, `${round}-${index}.qcow2`), {
        path: candidate.disk.path,
        format: "raw",
      });
      for (const start of starts) {
        const taken = await progress.step(
          `Round ${round} of ${rounds}: ${candidate.name}, ${start}`,
          () => bootOnce(overlay, candidate.ready, bench),
        );
        const key = `${candidate.name} ${start}`;
        all.set(key, [...(all.get(key) ?? []), taken]);
      }
      await rm(overlay);
    }
  }
  return all;
}

async function bootOnce(
  overlay: string,
  ready: RegExp,
  { accelerator, machines }: Bench,
): Promise<Taken> {
  const startedMs = performance.now();
  const machine = await startMachine(usualMachine(overlay, accelerator), ([command, ...args]) =>
    openTerminal({ command, args, term: "vt220" }),
  );
  machines.add(machine);
  await machine.serial.waitFor(ready, { timeoutMs: bootTimeoutMs, what: "the end of the start" });
  const taken = {
    seconds: (performance.now() - startedMs) / 1000,
    processorSeconds: await machine.processorSeconds(),
  };
  // The start must have written everything before the next one reads it.
  await delay(settleMs);
  await machine.close();
  machines.delete(machine);
  return taken;
}

const settleMs = 20_000;

function renderPage(
  candidates: readonly Candidate[],
  taken: ReadonlyMap<string, Taken[]>,
  rounds: number,
  accelerator: Accelerator,
  kernel: string,
): string {
  const [baseline] = candidates;
  const rows = starts.flatMap((start) =>
    candidates.map((candidate) => {
      const values = (of: Candidate, what: keyof Taken) =>
        (taken.get(`${of.name} ${start}`) ?? []).map((each) => each[what]);
      const cells = (["seconds", "processorSeconds"] as const).flatMap((what) => {
        const middle = median(values(candidate, what));
        const ratio = baseline === undefined ? Number.NaN : middle / median(values(baseline, what));
        return [`${middle.toFixed(1)} s`, ratio.toFixed(2)];
      });
      const all = values(candidate, "seconds").map((value) => value.toFixed(1));
      return `| ${[candidate.name, start, ...cells, all.join(", ")].join(" | ")} |`;
    }),
  );
  return [
    "# Boot to console",
    "",
    `Written by \`npm run bench:boot -- --write\`: from QEMU's start (${accelerator === "kvm" ? "KVM" : "emulated"}, 2 processors, 2 GiB, virtio, BIOS) to the first frame of the console on the serial`,
    `port, and to the login prompt there of a bare Debian 13 (systemd and a getty, Debian's own initramfs) with the same kernel (${kernel}) and boot loader on a disk of the same layout.`,
    `Medians of ${rounds}, taken in turns. Processor time is what QEMU used until then: emulated, a measure of the work that does not depend on what else this machine did.`,
    "",
    "| | | until then | ratio | processor time | ratio | each |",
    "|---|---|---:|---:|---:|---:|---|",
    ...rows,
    "",
  ].join("\n");
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
