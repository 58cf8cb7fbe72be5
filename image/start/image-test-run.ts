import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ExecaError } from "execa";
import { buildApplianceDisk } from "../build/build-disk.ts";
import { checkMachine, distFolder, MachineLacks, publishImage } from "../build/ova.ts";
import { renderTestRuns, type TestRun } from "../build/test-run-page.ts";
import { BuildCache, cacheFolder } from "../cache/cache.ts";
import { publishedDisk } from "../ova/published.ts";
import { projectFolder } from "../root/system-layer.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress } from "../run/progress.ts";
import { stopSignal } from "../run/stop-signals.ts";
import { runPart } from "./run-part.ts";
import { TapCounter } from "./tap.ts";
import { ava, type Part } from "./test-parts.ts";
import { printTotals, readDeadline } from "./test-run.ts";

const minuteMs = 60_000;

/** In this order. `minutes` is enough on two quiet cores without KVM. */
const tests: Readonly<Record<string, { file: string; minutes: number }>> = {
  contents: { file: "test/image/built/*.test.ts", minutes: 2 },
  bios: { file: "test/image/vm/bios.test.ts", minutes: 8 },
  uefi: { file: "test/image/vm/uefi.test.ts", minutes: 10 },
  serial: { file: "test/image/vm/serial.test.ts", minutes: 12 },
  keyboard: { file: "test/image/vm/keyboard.test.ts", minutes: 10 },
  usb: { file: "test/image/vm/usb.test.ts", minutes: 10 },
  "zero-touch": { file: "test/image/vm/zero-touch.test.ts", minutes: 8 },
  vlan: { file: "test/image/vm/vlan.test.ts", minutes: 15 },
  "power-cuts": { file: "test/image/vm/power-cuts.test.ts", minutes: 30 },
  twice: { file: "test/image/vm/twice.test.ts", minutes: 20 },
};
const buildMinutes = 15;
/** A run is stuck when no test has finished for this many times its usual minutes. */
const patience = 4;

/**
 * `npm run test:image [-- NAME...]`: builds the image unless dist/ holds the one that these sources
 * make, and tests it. `--within=MINUTES` is for continuous integration: tests that do not fit, or
 * that this machine cannot run, are skipped by name. `--write` renews docs/.
 */
export async function runImageTests(args: readonly string[], log: EventLog): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.find((name) => !Object.hasOwn(tests, name));
  if (unknown !== undefined) {
    process.stderr.write(
      `There is no test ${unknown}. There are: ${Object.keys(tests).join(", ")}.\n`,
    );
    return 2;
  }
  const deadlineMs = readDeadline(args);
  const chosen = Object.entries(tests).filter(
    ([name]) => names.length === 0 || names.includes(name),
  );
  const outcome = await Promise.race([testAll(chosen, deadlineMs, log), stopSignal()]);
  if (typeof outcome === "string") return 130;
  const exitCode = printTotals(outcome, log);
  if (exitCode === 0 && args.includes("--write")) await writeDocs();
  return exitCode;
}

async function testAll(
  chosen: readonly (readonly [string, { file: string; minutes: number }])[],
  deadlineMs: number,
  log: EventLog,
): Promise<TapCounter> {
  const totals = new TapCounter();
  const obstacle = await prepareImage(deadlineMs);
  for (const [name, { file, minutes }] of chosen) {
    const part: Part = ava(`image: ${name}`, [file], 1);
    part.args.push("--serial");
    const leftMs = deadlineMs - performance.now();
    const short =
      leftMs < minutes * minuteMs
        ? `only ${Math.max(0, Math.floor(leftMs / minuteMs))} minutes are left`
        : undefined;
    const why = obstacle ?? short;
    part.environment = {
      OUTRIDER_VM_TESTS: "1",
      ...(why === undefined ? {} : { OUTRIDER_VM_OBSTACLE: why }),
    };
    part.stuckAfterMs = minutes * patience * minuteMs;
    // Without time left its tests still have to skip themselves by name.
    part.limitMs = leftMs > 0 ? leftMs : minuteMs;
    const counts = new TapCounter();
    await runPart(part, counts, log);
    // The deadline ended the test, so this is no failure.
    if (counts.failed > 0 && performance.now() >= deadlineMs)
      totals.skipped.push(`image: ${name} (skipped: the time was up)`);
    else totals.add(counts);
  }
  return totals;
}

/**
 * Why there is no image to test; undefined when there is one. Without a deadline every obstacle is
 * an error.
 */
async function prepareImage(deadlineMs: number): Promise<string | undefined> {
  const progress = lineProgress(process.stdout);
  const limited = Number.isFinite(deadlineMs);
  try {
    await checkMachine();
    if (limited && deadlineMs - performance.now() < buildMinutes * minuteMs)
      return "the time is too short to build the image";
    const built = await buildApplianceDisk(new BuildCache(cacheFolder()), progress);
    const ova = join(distFolder, `outrider-${built.system.version}.ova`);
    if ((await publishedDisk(ova)) !== built.disk.key) await publishImage(built, progress);
    return undefined;
  } catch (error) {
    if (limited && error instanceof MachineLacks) return error.message;
    if (limited && error instanceof ExecaError && error.command.startsWith("mmdebstrap"))
      return "Debian's packages cannot be had";
    throw error;
  }
}

/**
 * docs/measured/image-build.md and the picture of the machine's own screen, of the image in dist/
 * and the last run of its tests.
 */
async function writeDocs(): Promise<void> {
  const folder = join(distFolder, "test-run");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  const runs = await Promise.all(
    files.map(
      async (file): Promise<TestRun> => JSON.parse(await readFile(join(folder, file), "utf8")),
    ),
  );
  const build = await readFile(join(distFolder, "image-build.md"), "utf8");
  await writeFile(
    join(projectFolder, "docs/measured/image-build.md"),
    `${build}\n${renderTestRuns(runs)}`,
  );
  await copyFile(
    join(distFolder, "pictures/console-bios.png"),
    join(projectFolder, "docs/pictures/vm-screen.png"),
  );
}
