import test from "ava";
import type { SettingChange } from "../../src/configd/api/status.ts";
import {
  defaultInterface,
  defaultSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { fakeInterface } from "../testkit/configd/fake-system.ts";
import { type TestAppliance, testAppliance } from "../testkit/configd/test-appliance.ts";

const staticLan: Settings = {
  ...defaultSettings,
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      ipv4: { method: "static", address: "192.0.2.20/24", gateway: "192.0.2.1" },
      ipv6: { method: "off" },
      dns: { servers: ["192.0.2.53"], search: [] },
    },
  },
  time: { servers: ["192.0.2.7"] },
};

const withIpv6: Settings = {
  ...defaultSettings,
  network: { mode: "single", lan: { ...defaultInterface, ipv6: { method: "automatic" } } },
};

async function keep({ console }: TestAppliance, settings: Settings): Promise<void> {
  const { id } = await console.call("try", { settings });
  await console.call("keep", { id });
}
async function reviewed({ console }: TestAppliance, settings: Settings): Promise<SettingChange[]> {
  const { problems, changes } = await console.call("review", { settings });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return changes;
}
const givenIn = (changes: readonly SettingChange[]) =>
  Object.fromEntries(changes.flatMap(({ field, given }) => (given ? [[field, given]] : [])));

test("a review has the values that the network gave, beside the words for how they came", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await keep(appliance, withIpv6);
  appliance.system.interfacesNow = [
    fakeInterface("eth0", "52:54:00:00:00:01", {
      addresses: ["192.0.2.185/24", "2001:db8::5/64", "2001:db8::1a0/128"],
      origins: ["dhcp", "router", "dhcpv6"],
      gateways: ["192.0.2.1", "fe80::1%eth0"],
      dns: ["192.0.2.53", "192.0.2.54"],
      timeServers: ["192.0.2.123"],
    }),
  ];
  const changes = await reviewed(appliance, staticLan);
  t.deepEqual(givenIn(changes), {
    Address: "192.0.2.185/24",
    Gateway: "192.0.2.1",
    "DNS servers": "192.0.2.53, 192.0.2.54",
    "IPv6 address": "2001:db8::5/64, 2001:db8::1a0/128",
    "IPv6 gateway": "fe80::1%eth0",
    "Time servers": "192.0.2.123",
  });
  t.is(changes.find(({ field }) => field === "Address")?.before, "by DHCP");
  const trial = await appliance.console.call("try", { settings: staticLan });
  t.deepEqual(trial.changes, changes, "the trial shows the same, though they are gone by then");
  await appliance.console.call("revert", { id: trial.id });
});

test("in split mode each side has its own, and a card without a lease has none", async (t) => {
  const appliance = await testAppliance(t);
  const given = (network: number) => ({
    addresses: [`192.0.${network}.185/24`],
    gateways: [`192.0.${network}.1`],
    dns: [`192.0.${network}.53`],
  });
  const nothing = { addresses: [], origins: [], gateways: [], gateway: null, dns: [], dhcp: false };
  const split: Settings = {
    ...defaultSettings,
    network: { mode: "split", lan: defaultInterface, wan: defaultInterface },
  };
  appliance.system.interfacesNow = [
    fakeInterface("eth0", "52:54:00:00:00:01", given(2)),
    fakeInterface("eth1", "52:54:00:00:00:02", given(3)),
  ];
  await appliance.start();
  await keep(appliance, split);
  appliance.system.interfacesNow = [
    fakeInterface("eth0", "52:54:00:00:00:01", nothing),
    fakeInterface("eth1", "52:54:00:00:00:02", given(3)),
  ];
  const ipv4 = (network: number) => ({
    method: "static" as const,
    address: `192.0.${network}.20/24`,
    gateway: `192.0.${network}.1`,
  });
  const changes = await reviewed(appliance, {
    ...split,
    network: {
      mode: "split",
      lan: { ...defaultInterface, ipv4: ipv4(2) },
      wan: { ...defaultInterface, ipv4: ipv4(3), dns: { servers: ["192.0.3.9"], search: [] } },
    },
  });
  t.deepEqual(givenIn(changes), {
    "WAN: Address": "192.0.3.185/24",
    "WAN: Gateway": "192.0.3.1",
    "WAN: DNS servers": "192.0.3.53",
  });
});

test("what a person has set is shown without what the network would give", async (t) => {
  const appliance = await testAppliance(t);
  await appliance.start();
  await keep(appliance, staticLan);
  t.deepEqual(givenIn(await reviewed(appliance, defaultSettings)), {});
});
