import test from "ava";
import { titled } from "../../testkit/image/tools.ts";
import { whyNotHere } from "./box.ts";
import { firstHour } from "./first-hour.ts";

const missing = whyNotHere("uefi");
(missing ? test.skip : test)(
  titled(
    "the OVA's disk, started by UEFI from a virtio controller with virtio cards, is set up at its console, calls home and switches off",
    missing,
  ),
  async (t) =>
    firstHour(t, "UEFI, virtio-scsi, virtio-net", {
      firmware: "uefi",
      controller: "virtio-scsi-pci",
      card: "virtio-net-pci",
    }),
);
