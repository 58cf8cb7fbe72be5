import type { ApplianceDescription } from "../../../image/ova/descriptor.ts";

export const sampleAppliance: ApplianceDescription = {
  name: "outrider-1.2.3",
  version: "1.2.3",
  fullVersion: "1.2.3+20260101",
  disk: {
    fileName: "outrider-1.2.3-disk1.vmdk",
    fileSizeBytes: 123_392,
    capacityBytes: 32 * 2 ** 30,
    populatedBytes: 262_144,
  },
  processors: 2,
  memoryMib: 2048,
  licenceText: 'Terms & conditions\n1. "Use" <freely>\n',
};
