import { rmSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { BuildCache, cacheFolder } from "../cache/cache.ts";
import { projectFolder } from "../root/system-layer.ts";
import type { EventLog } from "../run/event-log.ts";
import { lineProgress, type Progress } from "../run/progress.ts";
import { untilStopped } from "../run/stop-signals.ts";
import { type Accelerator, probeAccelerator } from "./accelerator.ts";
import { type BuiltDisk, buildApplianceDisk } from "./build-disk.ts";
import { imageComponents, imageParts } from "./components.ts";
import type { PublishRequest } from "./request.ts";

export const distFolder = join(projectFolder, "dist");

/** `npm run ova` */
export async function buildOva(log: EventLog): Promise<number> {
  const startedMs = performance.now();
  return await untilStopped(log, async () => {
    const progress = lineProgress(process.stderr);
    await checkMachine();
    await publishImage(await buildApplianceDisk(new BuildCache(cacheFolder()), progress), progress);
    process.stdout.write(`Built in ${Math.round((performance.now() - startedMs) / 1000)} s.\n`);
  });
}

/** This machine lacks a program or an ability that building the image needs. */
export class MachineLacks extends Error {}

/**
 * Programs and abilities that Debian's packages cannot provide, checked before anything is built.
 */
export async function checkMachine(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new MachineLacks(
      "Building the image needs root, or sudo: it installs a root file system with its owners.",
    );
  const { failed } = await execa("packer", ["version"], { reject: false, stdin: "ignore" });
  if (failed) {
    throw new MachineLacks(
      "Packer is missing, and this Debian has no package of it (Debian 12 has one). Get it from https://developer.hashicorp.com/packer/install, put it on the PATH, and run this again.",
    );
  }
}

/**
 * Has Packer boot the disk and the appliance test itself, and publishes the checked disk into
 * dist/.
 */
export async function publishImage(built: BuiltDisk, progress: Progress): Promise<void> {
  const accelerator = await progress.step("Finding out whether KVM runs a guest here", () =>
    probeAccelerator(built.boot.kernel),
  );
  const folder = await mkdtemp(join(tmpdir(), "outrider-ova-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  // Also when a signal ends this process.
  process.once("exit", removeFolder);
  try {
    await checkAndPublish(folder, built, accelerator, progress);
  } finally {
    process.off("exit", removeFolder);
    removeFolder();
  }
}

async function checkAndPublish(
  folder: string,
  { disk, system, boot, workshop }: BuiltDisk,
  accelerator: Accelerator,
  progress: Progress,
): Promise<void> {
  const overlay = join(folder, "overlay.qcow2");
  await execa("qemu-img", ["create", "-q", "-f", "qcow2", "-b", disk.path, "-F", "raw", overlay]);
  const request: PublishRequest = {
    diskFolder: dirname(disk.path),
    diskKey: disk.key,
    version: system.version,
    selfTestLog: join(folder, "selftest.log"),
    outputFolder: distFolder,
    accelerator,
    parts: await imageParts(system, boot),
    components: await imageComponents(system, boot, workshop),
  };
  const requestPath = join(folder, "request.json");
  await writeFile(requestPath, JSON.stringify(request));
  const publish = [
    process.execPath,
    join(projectFolder, "image/build/publish-main.ts"),
    requestPath,
  ]
    .map(quote)
    .join(" ");
  await preparePacker(progress);
  const variables = { overlay, accelerator, work_folder: folder, publish };
  const packer = execa(
    "packer",
    [
      "build",
      "-color=false",
      ...Object.entries(variables).flatMap(([name, value]) => ["-var", `${name}=${value}`]),
      join(projectFolder, "packer/outrider.pkr.hcl"),
    ],
    {
      env: {
        CHECKPOINT_DISABLE: "1",
        PACKER_CACHE_DIR: join(folder, "packer-cache"),
        TMPDIR: folder,
      },
      reject: false,
      all: true,
      stdin: "ignore",
      // A process group of its own: Packer takes minutes to end its machine when it is asked to,
      // and leaves it running when it is killed alone.
      detached: true,
    },
  );
  const endPacker = () => {
    try {
      if (packer.pid !== undefined) process.kill(-packer.pid, "SIGKILL");
    } catch {
      // The whole group has ended.
    }
  };
  process.prependOnceListener("exit", endPacker);
  const said: string[] = [];
  await progress.step(
    `Packer boots the disk (${accelerator === "kvm" ? "KVM" : "emulated"}), and the appliance tests itself`,
    async (report) => {
      const timer = setInterval(() => {
        readFile(request.selfTestLog, "latin1").then(
          (text) =>
            report(
              /^selftest: (passed|failed) /m.test(text)
                ? "it has answered"
                : `${text.split("selftest: ok").length - 1} checks passed`,
            ),
          () => undefined,
        );
      }, 2_000);
      try {
        for await (const line of packer.iterable({ from: "all" })) {
          said.push(line);
          const [, published] = /\(shell-local\): (.*)$/.exec(line) ?? [];
          if (published !== undefined) process.stdout.write(`  ${published}\n`);
        }
      } finally {
        clearInterval(timer);
        process.off("exit", endPacker);
      }
    },
  );
  const { exitCode } = await packer;
  if (exitCode !== 0)
    throw new Error(
      `Packer ended with ${exitCode}:\n${said.slice(-20).join("\n")}\n${await serialLog(folder)}`,
    );
}

/** The end of the console's output, for a machine that did not reach its self-test. */
async function serialLog(folder: string): Promise<string> {
  const text = await readFile(join(folder, "console.log"), "latin1").catch(() => "");
  return text.slice(-1500).replace(/[^\x20-\x7e\n]/g, "");
}

/**
 * Packer since 1.7 has its builders in plugins, which a file of their own lists; Packer 1.6 does
 * not get that file.
 */
async function preparePacker(report: Progress): Promise<void> {
  const { stdout } = await execa("packer", ["version"]);
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) === 1 && Number(minor) < 7) return;
  await report.step("Installing Packer's qemu plugin", () =>
    execa("packer", ["init", join(projectFolder, "packer/plugins")]),
  );
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
