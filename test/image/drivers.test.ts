import { readFile } from "node:fs/promises";
import test from "ava";
import {
  type ModuleIndex,
  parseDrivers,
  parseModuleIndex,
  selectModules,
} from "../../image/disk/drivers.ts";

const index: ModuleIndex = parseModuleIndex(
  [
    "kernel/a/net-card.ko.xz: kernel/b/core.ko.xz",
    "kernel/b/core.ko.xz: kernel/b/base.ko.xz",
    "kernel/b/base.ko.xz:",
    "kernel/c/other.ko.xz:",
    "",
  ].join("\n"),
  "kernel/d/vt-screen.ko\n",
);

test("a wanted driver brings what it needs, and nothing else", (t) => {
  const { files, initramfs } = selectModules(
    index,
    parseDrivers("[network]\nnet_card # with a comment\n"),
  );
  t.deepEqual(files, ["kernel/a/net-card.ko.xz", "kernel/b/base.ko.xz", "kernel/b/core.ko.xz"]);
  t.deepEqual(initramfs, []);
});

test("what an early heading names goes into the initramfs, with what it needs", (t) => {
  const { files, initramfs } = selectModules(
    index,
    parseDrivers("[early, initramfs]\ncore\n[late]\nother\n"),
  );
  t.deepEqual(files, ["kernel/b/base.ko.xz", "kernel/b/core.ko.xz", "kernel/c/other.ko.xz"]);
  t.deepEqual(initramfs, ["base", "core"]);
});

test("a folder brings all that lies in it", (t) => {
  t.deepEqual(selectModules(index, parseDrivers("[all]\nkernel/b/\n")).files, [
    "kernel/b/base.ko.xz",
    "kernel/b/core.ko.xz",
  ]);
});

test("what is built into the kernel is there already", (t) => {
  t.deepEqual(selectModules(index, parseDrivers("[screen]\nvt_screen\n")).files, []);
});

test("a driver that this kernel does not have is named", (t) => {
  t.throws(() => selectModules(index, parseDrivers("[x]\ncore\nfloppy\nkernel/z/\n")), {
    message: "the kernel has no floppy, kernel/z/",
  });
});

test("the list names the disks' and networks' drivers of every hypervisor that the image is made for", async (t) => {
  const wanted = parseDrivers(
    await readFile(new URL("../../image/disk/drivers.txt", import.meta.url), "utf8"),
  );
  const names = (purpose: string) =>
    wanted.filter((driver) => driver.purpose === purpose).map(({ name }) => name);
  const has = (purpose: string, drivers: string[]) =>
    t.deepEqual(
      drivers.filter((name) => !names(purpose).includes(name)),
      [],
    );
  has("VMware", ["vmw_pvscsi", "mptspi", "mptsas", "vmxnet3", "vmwgfx"]);
  has("VirtualBox", ["pcnet32", "vboxvideo"]);
  has("KVM and Proxmox", ["virtio_blk", "virtio_scsi", "virtio_net", "sym53c8xx", "bochs"]);
  has("Hyper-V", ["hv_storvsc", "hv_netvsc", "hyperv_drm", "hyperv_keyboard"]);
  has("Xen", ["xen_blkfront", "xen_netfront"]);
  has("every PC", [
    "ahci",
    "ata_piix",
    "nvme",
    "e1000",
    "e1000e",
    "squashfs",
    "overlay",
    "ext4",
    "dm_verity",
  ]);
  // The kernel mounts the file systems of src/configd/machine/volumes.ts; FAT's default code page
  // is 437, in letters of ASCII.
  has("every PC", [
    "usb_storage",
    "uas",
    "vfat",
    "nls_cp437",
    "nls_ascii",
    "exfat",
    "isofs",
    "udf",
  ]);
});
