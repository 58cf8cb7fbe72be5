import test from "ava";
import { type MachineOptions, machineArguments } from "../../image/vm/arguments.ts";
import { lan } from "../../image/vm/networks.ts";

const machine: MachineOptions = {
  firmware: "bios",
  disk: { path: "/d/disk.qcow2", format: "qcow2", controller: "virtio-blk-pci" },
  cards: [{ model: "e1000", ...lan }],
  accelerator: "tcg",
  qmpPath: "/d/qmp",
  pidPath: "/d/pid",
  serial: "terminal",
};

const after = (options: MachineOptions, name: string) =>
  machineArguments(options).filter((_, index, all) => all[index - 1] === name);

test("cards have addresses that tell their order", (t) => {
  const cards = [
    machine.cards[0],
    { model: "virtio-net-pci", cablePath: "/d/cable", end: "makes" },
  ] as const;
  const devices = after(
    { ...machine, cards: cards.flatMap((card) => (card ? [card] : [])) },
    "-device",
  ).filter((device) => device.includes("netdev="));
  t.deepEqual(devices, [
    "e1000,netdev=net0,mac=52:54:00:00:00:01",
    "virtio-net-pci,netdev=net1,mac=52:54:00:00:00:02",
  ]);
});

test("two machines are joined by a cable, which one of them makes", (t) => {
  const cable = (end: "makes" | "takes") =>
    after(
      { ...machine, cards: [{ model: "virtio-net-pci", cablePath: "/d/cable", end }] },
      "-netdev",
    );
  t.deepEqual(cable("makes"), ["stream,server=on,addr.type=unix,addr.path=/d/cable,id=net0"]);
  t.deepEqual(cable("takes"), ["stream,server=off,addr.type=unix,addr.path=/d/cable,id=net0"]);
});

test("flushing is skipped unless the disk must outlive a power cut", (t) => {
  t.regex(after(machine, "-drive").join(), /cache=unsafe/);
  t.regex(
    after({ ...machine, disk: { ...machine.disk, durable: true } }, "-drive").join(),
    /cache=writeback/,
  );
});

test("Ctrl-C is a key for the appliance, not for QEMU", (t) => {
  t.regex(after(machine, "-chardev").join(), /signal=off/);
});

test("discs, credentials, fw_cfg, the maker's name and captures are handed to QEMU, with commas as they are", (t) => {
  const given: MachineOptions = {
    ...machine,
    cards: [{ model: "e1000", ...lan, capturePath: "/d/lan.pcap" }],
    credentials: { "outrider.lan_dns": "192.0.2.1,192.0.2.2" },
    firmwareConfiguration: { "opt/outrider/hostname": "scanner-1" },
    maker: "VMware, Inc.",
    discs: ["/d/seed.iso", "/d/ovf.iso"],
  };
  t.deepEqual(after(given, "-smbios"), [
    "type=11,value=io.systemd.credential:outrider.lan_dns=192.0.2.1,,192.0.2.2",
    "type=1,manufacturer=VMware,, Inc.",
  ]);
  t.deepEqual(after(given, "-fw_cfg"), ["name=opt/outrider/hostname,string=scanner-1"]);
  t.true(after(given, "-object").includes("filter-dump,id=capture0,netdev=net0,file=/d/lan.pcap"));
  t.deepEqual(
    after(given, "-device").filter((device) => device.startsWith("ide-cd")),
    ["ide-cd,drive=disc0,bus=ide.0", "ide-cd,drive=disc1,bus=ide.1"],
  );
});
