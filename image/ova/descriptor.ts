import { propertyCategories } from "./properties.ts";
import { type Element, element, renderDocument } from "./xml.ts";

/** The contents of an OVF descriptor that differ from build to build. */
export interface ApplianceDescription {
  /**
   * Shown by importers as the VM's name: letters, digits, dots and dashes (Proxmox strips the
   * rest).
   */
  name: string;
  version: string;
  fullVersion: string;
  disk: {
    fileName: string;
    /** Size of the VMDK file itself: st_size of stat(2). */
    fileSizeBytes: number;
    /** Size that the guest sees; a whole number of MiB. */
    capacityBytes: number;
    /** Bytes of the guest's disk that hold data. */
    populatedBytes: number;
  };
  processors: number;
  memoryMib: number;
  licenceText: string;
}

export const networks = [
  {
    name: "LAN",
    description: "The network that is scanned. With one network it is also used to call home.",
  },
  {
    name: "WAN",
    description:
      "Optional second network, used only to call home over HTTPS. Leave it disconnected if it is not used.",
  },
] as const;

const namespaces = {
  xmlns: "http://schemas.dmtf.org/ovf/envelope/1",
  "xmlns:ovf": "http://schemas.dmtf.org/ovf/envelope/1",
  "xmlns:rasd":
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData",
  "xmlns:vssd": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData",
  "xmlns:vmw": "http://www.vmware.com/schema/ovf",
  "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
};

const diskFormat = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
const bytesPerMib = 2 ** 20;

/** Resource types of CIM_ResourceAllocationSettingData. */
const resource = {
  processor: "3",
  memory: "4",
  scsiController: "6",
  ethernet: "10",
  ideController: "5",
  cdDrive: "15",
  disk: "17",
  graphics: "24",
} as const;

export function renderDescriptor(appliance: ApplianceDescription): string {
  checkDescription(appliance);
  return renderDocument(
    element("Envelope", { ...namespaces, "xml:lang": "en-US" }, [
      element("References", {}, [
        element("File", {
          "ovf:id": "file1",
          "ovf:href": appliance.disk.fileName,
          "ovf:size": String(appliance.disk.fileSizeBytes),
        }),
      ]),
      diskSection(appliance),
      element("NetworkSection", {}, [
        info("The networks of the appliance"),
        ...networks.map(({ name, description }) =>
          element("Network", { "ovf:name": name }, [element("Description", {}, description)]),
        ),
      ]),
      element("VirtualSystem", { "ovf:id": appliance.name }, [
        info("One virtual machine: a vulnerability scanner that calls home"),
        element("Name", {}, appliance.name),
        operatingSystemSection(),
        hardwareSection(appliance),
        productSection(appliance),
        element("EulaSection", {}, [
          info("The licence of the appliance"),
          element("License", {}, appliance.licenceText),
        ]),
      ]),
    ]),
  );
}

function checkDescription({ name, disk, processors, memoryMib }: ApplianceDescription): void {
  if (!/^[A-Za-z0-9.-]{1,80}$/.test(name))
    throw new RangeError(`the name ${JSON.stringify(name)} has characters that importers strip`);
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(disk.fileName))
    throw new RangeError(`the file name ${JSON.stringify(disk.fileName)} is not plain`);
  if (disk.capacityBytes % bytesPerMib !== 0)
    throw new RangeError("the disk's capacity must be a whole number of MiB");
  for (const count of [disk.fileSizeBytes, disk.capacityBytes, processors, memoryMib]) {
    if (!Number.isSafeInteger(count) || count <= 0)
      throw new RangeError(`${count} is not a positive whole number`);
  }
}

function diskSection({ disk }: ApplianceDescription): Element {
  return element("DiskSection", {}, [
    info("The virtual disk"),
    element("Disk", {
      "ovf:diskId": "vmdisk1",
      "ovf:fileRef": "file1",
      "ovf:capacity": String(disk.capacityBytes / bytesPerMib),
      // Proxmox reads only this form of a unit.
      "ovf:capacityAllocationUnits": "byte * 2^20",
      "ovf:format": diskFormat,
      "ovf:populatedSize": String(disk.populatedBytes),
    }),
  ]);
}

function operatingSystemSection(): Element {
  // 96 is "Debian 64-bit" in CIM_OperatingSystem; the name for vSphere is one that hosts from
  // vmx-13 on know.
  return element(
    "OperatingSystemSection",
    { "ovf:id": "96", "ovf:version": "13", "vmw:osType": "other3xLinux64Guest" },
    [
      info("The guest operating system"),
      element("Description", {}, "Debian GNU/Linux 13 (64-bit)"),
    ],
  );
}

function hardwareSection(appliance: ApplianceDescription): Element {
  return element("VirtualHardwareSection", { "ovf:transport": "com.vmware.guestInfo iso" }, [
    info("Virtual hardware requirements"),
    element("System", {}, [
      element("vssd:ElementName", {}, "Virtual Hardware Family"),
      element("vssd:InstanceID", {}, "0"),
      element("vssd:VirtualSystemIdentifier", {}, appliance.name),
      element("vssd:VirtualSystemType", {}, "vmx-15"),
    ]),
    item(1, resource.processor, `${appliance.processors} virtual CPUs`, {
      AllocationUnits: "hertz * 10^6",
      VirtualQuantity: String(appliance.processors),
    }),
    // Proxmox ignores the unit and reads the quantity as MiB, so it is MiB.
    item(2, resource.memory, `${appliance.memoryMib} MB of memory`, {
      AllocationUnits: "byte * 2^20",
      VirtualQuantity: String(appliance.memoryMib),
    }),
    item(3, resource.scsiController, "SCSI controller 0", {
      Address: "0",
      ResourceSubType: "VirtualSCSI",
    }),
    item(4, resource.disk, "Disk 1", {
      AddressOnParent: "0",
      HostResource: "ovf:/disk/vmdisk1",
      Parent: "3",
    }),
    ...networks.map(({ name, description }, index) =>
      item(5 + index, resource.ethernet, `Network adapter ${index + 1} (${name})`, {
        AddressOnParent: String(7 + index),
        AutomaticAllocation: "true",
        Connection: name,
        Description: description,
        ResourceSubType: "VmxNet3",
      }),
    ),
    // The CD drive carries the answers for the "iso" transport; an importer that cannot make it may
    // leave it out. It is on IDE because old VirtualBox refuses a SATA controller that is named in
    // VMware's way.
    item(7, resource.ideController, "IDE controller 0", { Address: "0" }, false),
    item(
      8,
      resource.cdDrive,
      "CD drive 1",
      {
        AddressOnParent: "0",
        AutomaticAllocation: "false",
        Parent: "7",
        ResourceSubType: "vmware.cdrom.remotepassthrough",
      },
      false,
    ),
    item(9, resource.graphics, "Video card", { AutomaticAllocation: "false" }, false),
    config("firmware", "efi"),
    config("bootOptions.efiSecureBootEnabled", "false"),
    config("tools.syncTimeWithHost", "false"),
    config("powerOpInfo.powerOffType", "soft"),
    config("powerOpInfo.resetType", "soft"),
    config("powerOpInfo.suspendType", "soft"),
    config("wakeOnLanEnabled", "false"),
  ]);
}

/** DMTF's schema wants the children of an Item in alphabetic order. */
function item(
  instance: number,
  type: string,
  name: string,
  values: Record<string, string>,
  required = true,
): Element {
  const all = Object.entries({
    ...values,
    ElementName: name,
    InstanceID: String(instance),
    ResourceType: type,
  });
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  return element(
    "Item",
    required ? {} : { "ovf:required": "false" },
    all.map(([key, value]) => element(`rasd:${key}`, {}, value)),
  );
}

function config(key: string, value: string): Element {
  return element("vmw:Config", { "ovf:required": "false", "vmw:key": key, "vmw:value": value });
}

function productSection(appliance: ApplianceDescription): Element {
  return element("ProductSection", {}, [
    info("What the appliance is, and what can be set before its first start"),
    element("Product", {}, "Outrider"),
    element("Vendor", {}, "The Outrider project"),
    element("Version", {}, appliance.version),
    element("FullVersion", {}, appliance.fullVersion),
    ...propertyCategories.flatMap(({ title, properties }) => [
      element("Category", {}, title),
      ...properties.map((property) =>
        element(
          "Property",
          {
            "ovf:key": property.key,
            "ovf:type": property.type,
            "ovf:userConfigurable": "true",
            "ovf:value": property.value,
            "ovf:password": property.password ? "true" : undefined,
            "ovf:qualifiers": property.qualifiers,
          },
          [element("Label", {}, property.label), element("Description", {}, property.description)],
        ),
      ),
    ]),
  ]);
}

function info(text: string): Element {
  return element("Info", {}, text);
}
