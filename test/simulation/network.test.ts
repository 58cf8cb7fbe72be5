import test from "ava";
import { assignRoles, renderNetplan } from "../../src/network/netplan.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { loadDescribedMachine } from "../../src/simulation/described-machine.ts";
import { describedInterfaces, generateDescribed } from "../../src/simulation/network.ts";

test("a VLAN is a device of its own on its card, static and by DHCP, and the card has no address", async (t) => {
  const machine = await loadDescribedMachine("one-nic");
  const [card] = machine.interfaces;
  if (!card) return t.fail("the machine has no card");
  const seenWith = (ipv4: Settings["network"]["lan"]["ipv4"]) => {
    const settings: Settings = {
      ...defaultSettings,
      network: { mode: "single", lan: { ...defaultInterface, vlan: 42, ipv4 } },
    };
    const roles = assignRoles(settings, machine.interfaces);
    const files = generateDescribed(renderNetplan(settings, roles));
    const [nic, vlan, ...others] = describedInterfaces(machine, files, () => 60_000);
    t.deepEqual(others, []);
    t.like(nic, { name: card.name, macAddress: card.macAddress, addresses: [] });
    t.is(
      vlan?.name ?? null,
      roles.lan,
      "the device that configd gives to the doctor and the agent",
    );
    t.like(vlan, { macAddress: card.macAddress, linkUp: card.linkUp, pciAddress: null });
    return vlan;
  };
  const gateway = "198.51.100.1";
  t.like(seenWith({ method: "static", address: "198.51.100.9/24", gateway }), {
    addresses: ["198.51.100.9/24"],
    gateway,
  });
  t.like(seenWith({ method: "dhcp" }), { dhcp: true, addresses: [card.lease?.address] });
});
