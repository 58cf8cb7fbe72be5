import test from "ava";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { testAppliance } from "../testkit/configd/test-appliance.ts";

const split: Settings = {
  ...defaultSettings,
  network: {
    mode: "split",
    lan: { ...defaultInterface, macAddress: "52:54:00:00:00:01" },
    wan: { ...defaultInterface, macAddress: "52:54:00:00:00:02" },
  },
};

for (const end of ["keep", "revert"] as const) {
  test(`what the guards stopped while a change was made is forgotten at its end: ${end}`, async (t) => {
    const { system, console, start } = await testAppliance(t);
    await start();
    const first = await console.call("try", { settings: split });
    await console.call("keep", { id: first.id });
    const { id } = await console.call("try", { settings: { ...split, hostname: "scanner-1" } });
    // A packet of a call home that was under way when the cards swapped their roles.
    system.guards = {
      lan: { packets: 2, bytes: 120, kernelPackets: 0 },
      wan: { packets: 0, bytes: 0, kernelPackets: 0 },
    };
    await console.call(end, { id });
    t.deepEqual(await system.guardCounts(), {
      lan: { packets: 0, bytes: 0, kernelPackets: 0 },
      wan: { packets: 0, bytes: 0, kernelPackets: 0 },
    });
  });
}
