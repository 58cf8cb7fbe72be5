import test from "ava";
import { renderDescriptor } from "../../image/ova/descriptor.ts";
import { sampleAppliance } from "../testkit/image/sample-appliance.ts";
import { all, type Node, only, parseXml } from "../testkit/image/xml-tree.ts";

// The parts that each importer reads and refuses, as measured or read in its source: one test for
// each row that the descriptor alone decides.

const envelope = "http://schemas.dmtf.org/ovf/envelope/1";
const settings =
  "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData";
const vmware = "http://www.vmware.com/schema/ovf";
const source = renderDescriptor(sampleAppliance);
const document = parseXml(source);

const value = (item: Node, local: string): string | undefined =>
  item.children.find((child) => child.namespace === settings && child.local === local)?.text;
const ovf = (node: Node, local: string): string | undefined =>
  node.attributes.get(`{${envelope}}${local}`);
const items = (type: string): Node[] =>
  all(document, "Item").filter((item) => value(item, "ResourceType") === type);
const configs = new Map(
  all(document, "Config").map((config) => [config.attributes.get(`{${vmware}}key`), config]),
);

test("all: OVF 1 elements only, none of OVF 2", (t) => {
  t.is(document.namespace, envelope);
  t.deepEqual([...all(document, "StorageItem"), ...all(document, "EthernetPortItem")], []);
});

test("ESXi: every prefix that an importer looks for is declared on the envelope", (t) => {
  const start = /<Envelope [^>]*>/.exec(source)?.[0] ?? "";
  for (const prefix of ["ovf", "rasd", "vssd", "vmw", "xsi"])
    t.true(start.includes(` xmlns:${prefix}="`), prefix);
});

test("ESXi: the hardware family is newer than vmx-10 and older than vmx-21", (t) => {
  const types = only(document, "VirtualSystemType").text.split(",");
  t.true(types.every((type) => /^vmx-(1[3-9]|20)$/.test(type)));
});

test("ESXi, Proxmox, virt-v2v: the disk is named ovf:/disk/ID", (t) => {
  const [disk, ...more] = items("17");
  t.is(more.length, 0);
  t.is(disk && value(disk, "HostResource"), `ovf:/disk/${ovf(only(document, "Disk"), "diskId")}`);
});

test("virt-v2v: no disk without a file", (t) => {
  const files = all(document, "File").map((file) => ovf(file, "id"));
  for (const disk of all(document, "Disk")) t.true(files.includes(ovf(disk, "fileRef")));
});

test("VMware, VirtualBox, Proxmox: the disk hangs on the one SCSI controller, which every importer can make", (t) => {
  const [controller, ...more] = items("6");
  t.is(more.length, 0);
  t.is(controller && value(controller, "ResourceSubType"), "VirtualSCSI");
  const [disk] = items("17");
  t.is(disk && value(disk, "Parent"), controller && value(controller, "InstanceID"));
});

test("old VirtualBox: no controller of type 20, which it refuses unless it is spelt in its own way", (t) => {
  t.deepEqual(items("20"), []);
});

test("VMware, VirtualBox, Proxmox: two network cards, LAN before WAN, of a kind that each keeps or replaces", (t) => {
  const cards = items("10");
  t.deepEqual(
    cards.map((card) => [value(card, "Connection"), value(card, "ResourceSubType")]),
    [
      ["LAN", "VmxNet3"],
      ["WAN", "VmxNet3"],
    ],
  );
  t.deepEqual(
    all(only(document, "NetworkSection"), "Network").map((network) => ovf(network, "name")),
    ["LAN", "WAN"],
  );
});

test("VirtualBox: no network has a name that it takes for a way of attaching, so that both are bridged", (t) => {
  const names = all(only(document, "NetworkSection"), "Network").map(
    (network) => ovf(network, "name") ?? "",
  );
  t.deepEqual(
    names.filter((name) => /^(null|nat|bridged|internal|hostonly|generic)/i.test(name)),
    [],
  );
});

test("vSphere: no serial port, which would want a backing on the host; the console is on one that is added later too", (t) => {
  t.deepEqual(items("21"), []);
});

test("all: one item each for processors and memory", (t) => {
  const [processors, ...more] = items("3");
  t.is(more.length, 0);
  t.is(processors && value(processors, "VirtualQuantity"), "2");
  t.is(items("4").length, 1);
});

test("Proxmox: memory is given in MiB", (t) => {
  const [memory] = items("4");
  t.is(memory && value(memory, "AllocationUnits"), "byte * 2^20");
  t.is(memory && value(memory, "VirtualQuantity"), "2048");
});

test("Proxmox: the capacity's unit has the only form that it reads", (t) => {
  const disk = only(document, "Disk");
  t.regex(ovf(disk, "capacityAllocationUnits") ?? "", /^byte \* 2\^[0-9]+$/);
  t.is(ovf(disk, "capacity"), "32768");
});

test("Proxmox: the virtual system's name has no character that it strips", (t) => {
  const system = only(document, "VirtualSystem");
  const name = system.children.find((child) => child.local === "Name")?.text;
  t.regex(name ?? "", /^[A-Za-z0-9.-]+$/);
  t.is(ovf(system, "id"), name);
});

test("Proxmox and virt-v2v: the firmware is named in VMware's namespace, in the two words that virt-v2v knows", (t) => {
  t.true(
    ["bios", "efi"].includes(configs.get("firmware")?.attributes.get(`{${vmware}}value`) ?? ""),
  );
});

test("VirtualBox: no unknown item is required", (t) => {
  const known = ["3", "4", "5", "6", "10", "15", "17"];
  for (const item of all(document, "Item")) {
    if (!known.includes(value(item, "ResourceType") ?? "")) t.is(ovf(item, "required"), "false");
  }
});

test("ESXi: no setting of VMware's own is required, and none goes by ExtraConfig", (t) => {
  t.true(configs.size > 0);
  for (const config of configs.values()) t.is(ovf(config, "required"), "false");
  t.deepEqual(all(document, "ExtraConfig"), []);
});

test("all: the guest's kind is Debian 64-bit, with a name that old vSphere knows too", (t) => {
  const system = only(document, "OperatingSystemSection");
  t.is(ovf(system, "id"), "96");
  t.is(system.attributes.get(`{${vmware}}osType`), "other3xLinux64Guest");
});

test("vCenter: properties go by guestInfo and by ISO, and there is a CD drive for the latter", (t) => {
  t.is(ovf(only(document, "VirtualHardwareSection"), "transport"), "com.vmware.guestInfo iso");
  const [drive] = items("15");
  const [controller] = items("5");
  t.is(drive && value(drive, "Parent"), controller && value(controller, "InstanceID"));
  t.not(drive, undefined);
});

test("all: the file's size is that of the VMDK, and the format is streamOptimized", (t) => {
  t.is(ovf(only(document, "File"), "size"), "123392");
  t.regex(ovf(only(document, "Disk"), "format") ?? "", /vmdk\.html#streamOptimized$/);
});

test("all: each item has its own id, and each parent is an item", (t) => {
  const ids = all(document, "Item").map((item) => value(item, "InstanceID"));
  t.is(new Set(ids).size, ids.length);
  for (const item of all(document, "Item")) {
    const parent = value(item, "Parent");
    if (parent !== undefined) t.true(ids.includes(parent));
  }
});

test("schema-minded importers: no block of VirtualBox' own, which DMTF's schema refuses", (t) => {
  t.deepEqual(all(document, "Machine"), []);
  t.false(source.includes("virtualbox"));
});
