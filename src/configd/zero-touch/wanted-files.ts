import type { ZeroTouchFormat } from "../../settings/zero-touch/document.ts";

export interface WantedFile {
  path: string;
  format: ZeroTouchFormat;
  source: string;
  /** Only on a volume of this label. */
  label?: RegExp;
}

export const noCloud = /^cidata$/i;
export const configDrive = /^config-2$/i;

/** The files that are read on volumes, in the order in which they count. */
export const wantedFiles: readonly WantedFile[] = [
  { path: "ovf-env.xml", format: "ovf-environment", source: "OVF environment" },
  { path: "outrider.yaml", format: "settings-yaml", source: "settings file" },
  { path: "outrider.txt", format: "user-data", source: "settings file" },
  { path: "user-data", format: "user-data", source: "NoCloud", label: noCloud },
  { path: "meta-data", format: "meta-data", source: "NoCloud", label: noCloud },
  { path: "network-config", format: "network-config", source: "NoCloud", label: noCloud },
  {
    path: "openstack/latest/user_data",
    format: "user-data",
    source: "ConfigDrive",
    label: configDrive,
  },
  {
    path: "openstack/latest/meta_data.json",
    format: "meta-data",
    source: "ConfigDrive",
    label: configDrive,
  },
  {
    path: "openstack/latest/network_data.json",
    format: "network-data",
    source: "ConfigDrive",
    label: configDrive,
  },
];
