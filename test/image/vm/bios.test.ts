import test from "ava";
import { titled } from "../../testkit/image/tools.ts";
import { whyNotHere } from "./box.ts";
import { firstHour } from "./first-hour.ts";

const missing = whyNotHere("bios");
(missing ? test.skip : test)(
  titled(
    "the OVA's disk, started by a BIOS from an LSI controller with e1000 cards, is set up at its console, calls home and switches off",
    missing,
  ),
  async (t) =>
    firstHour(t, "BIOS, LSI 53C895A, e1000", {
      firmware: "bios",
      controller: "lsi53c895a",
      card: "e1000",
    }),
);
