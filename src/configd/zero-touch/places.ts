/** How the collector touches the machine; tests put folders and programs of their own here. */
export interface CollectorPlaces {
  /**
   * Where systemd has put the credentials of the machine: SMBIOS type 11, fw_cfg, the container
   * manager.
   */
  credentials: string;
  /** QEMU's fw_cfg by name. */
  firmwareConfiguration: string;
  /** /sys/class/dmi/id: who made the machine. */
  dmi: string;
  blockDevices: string;
  /** Folders that are volumes already, by their labels: for machines that have no devices. */
  mounted: string;
}

export const machinePlaces: CollectorPlaces = {
  credentials: "/run/credentials/@system",
  firmwareConfiguration: "/sys/firmware/qemu_fw_cfg/by_name",
  dmi: "/sys/class/dmi/id",
  blockDevices: "/sys/class/block",
  mounted: "/run/outrider-volumes",
};
