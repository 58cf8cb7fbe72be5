/** The places of the machine that the collector reads; tests use folders of their own. */
export interface CollectorPlaces {
  /**
   * The machine's credentials, which systemd imports from SMBIOS type 11, fw_cfg and the container
   * manager.
   */
  credentials: string;
  /** QEMU's fw_cfg files by name. */
  firmwareConfiguration: string;
  /** The folder with the machine's vendor, as /sys/class/dmi/id. */
  dmi: string;
  blockDevices: string;
  /** Folders that stand for mounted volumes, named by label: for machines without devices. */
  mounted: string;
}

export const machinePlaces: CollectorPlaces = {
  credentials: "/run/credentials/@system",
  firmwareConfiguration: "/sys/firmware/qemu_fw_cfg/by_name",
  dmi: "/sys/class/dmi/id",
  blockDevices: "/sys/class/block",
  mounted: "/run/outrider-volumes",
};
