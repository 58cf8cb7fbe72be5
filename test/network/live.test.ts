import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { bytesOfAddress, parseAddress } from "../../src/base/addresses/address.ts";
import { kernelInterfaces } from "../../src/network/live.ts";
import { describeInterfaces, pciAddressOf } from "../../src/network/live-model.ts";
import { validators } from "../../src/network/networkctl/validators.ts";

const kernel = [
  {
    index: 3,
    name: "eth1",
    macAddress: "52:54:00:00:00:02",
    carrier: false,
    pciAddress: null,
    driver: null,
    speedMbps: null,
  },
  {
    index: 2,
    name: "eth0",
    macAddress: "52:54:00:00:00:01",
    carrier: true,
    pciAddress: "0000:00:03.0",
    driver: "virtio_net",
    speedMbps: 1000,
  },
];

test("a leased link is described as networkd and the kernel have it", (t) => {
  const answer = validators.NetworkctlList({
    Interfaces: [
      { Name: "lo", AdministrativeState: "unmanaged", CarrierState: "carrier" },
      {
        Name: "eth0",
        AdministrativeState: "configured",
        CarrierState: "carrier",
        DNS: [{ Address: [192, 0, 2, 1] }, { Address: [192, 0, 2, 1] }],
        NTP: [
          {
            Family: 2,
            Address: [192, 0, 2, 123],
            ConfigSource: "DHCPv4",
            ConfigProvider: [192, 0, 2, 1],
          },
          { Server: "ntp.example.org", ConfigSource: "DHCPv6" },
          { Server: "ntp.example.org", ConfigSource: "DHCPv6" },
          { Server: `${"x".repeat(300)}.example.org`, ConfigSource: "DHCPv6" },
          { ConfigSource: "DHCPv6" },
        ],
        Addresses: [
          {
            Family: 2,
            Address: [192, 0, 2, 150],
            PrefixLength: 24,
            ConfigSource: "DHCPv4",
            ScopeString: "global",
          },
          {
            Family: 10,
            Address: [254, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            PrefixLength: 64,
            ConfigSource: "foreign",
            ScopeString: "link",
          },
        ],
        Routes: [
          {
            Family: 2,
            DestinationPrefixLength: 0,
            Gateway: [192, 0, 2, 9],
            Priority: 200,
            Table: 254,
          },
          {
            Family: 2,
            DestinationPrefixLength: 0,
            Gateway: [192, 0, 2, 1],
            Priority: 100,
            Table: 254,
          },
          {
            Family: 2,
            DestinationPrefixLength: 0,
            Gateway: [192, 0, 2, 8],
            Priority: 1,
            Table: 99,
          },
          { Family: 2, DestinationPrefixLength: 24, Priority: 100, Table: 254 },
        ],
      },
    ],
  });
  t.true(answer.valid);
  t.deepEqual(describeInterfaces(kernel, answer.valid ? answer.value : null), [
    {
      name: "eth0",
      macAddress: "52:54:00:00:00:01",
      linkUp: true,
      state: "configured",
      addresses: ["192.0.2.150/24"],
      origins: ["dhcp"],
      gateways: ["192.0.2.1"],
      gateway: "192.0.2.1",
      dns: ["192.0.2.1"],
      timeServers: ["192.0.2.123", "ntp.example.org"],
      dhcp: true,
      leasedRoutes: [],
      pciAddress: "0000:00:03.0",
      driver: "virtio_net",
      speedMbps: 1000,
      index: 2,
    },
    {
      name: "eth1",
      macAddress: "52:54:00:00:00:02",
      linkUp: false,
      state: "unknown",
      addresses: [],
      origins: [],
      gateways: [],
      gateway: null,
      dns: [],
      timeServers: [],
      dhcp: false,
      leasedRoutes: [],
      pciAddress: null,
      driver: null,
      speedMbps: null,
      index: 3,
    },
  ]);
});

const bytes = (text: string) => {
  const address = parseAddress(text);
  return address === null ? [] : bytesOfAddress(address);
};
const address = (text: string, PrefixLength: number, ConfigSource: string) => ({
  Family: text.includes(":") ? 10 : 2,
  Address: bytes(text),
  PrefixLength,
  ConfigSource,
  ScopeString: "global",
});
const route = (to: string, length: number, via: string | null, Priority: number, source = "") => ({
  Family: to.includes(":") ? 10 : 2,
  Destination: bytes(to),
  DestinationPrefixLength: length,
  ...(via === null ? {} : { Gateway: bytes(via) }),
  Priority,
  Table: 254,
  ConfigSource: source,
});

function eth0With(link: object) {
  const answer = validators.NetworkctlList({
    Interfaces: [
      { Name: "eth0", AdministrativeState: "configured", CarrierState: "carrier", ...link },
    ],
  });
  const [found] = describeInterfaces(kernel, answer.valid ? answer.value : null);
  if (!answer.valid || found === undefined) throw new Error("networkctl's answer is refused");
  return found;
}

test("an interface with IPv6 alone has its gateway, its DNS servers' zone and the origin of its addresses", (t) => {
  const found = eth0With({
    DNS: [{ Address: bytes("fe80::53") }, { Address: bytes("2001:db8::53") }],
    Addresses: [
      address("2001:db8:0:1:5054:ff:fe0a:1", 64, "NDisc"),
      address("2001:db8:0:1::1a0", 128, "DHCPv6"),
      address("2001:db8:0:1::50", 64, "static"),
      address("2001:db8:0:1::51", 64, "foreign"),
    ],
    Routes: [route("2001:db8:0:1::", 64, null, 256), route("::", 0, "fe80::1", 1024, "NDisc")],
  });
  t.like(found, {
    origins: ["router", "dhcpv6", "static", "static"],
    gateways: ["fe80::1%eth0"],
    gateway: "fe80::1",
    dns: ["fe80::53%eth0", "2001:db8::53"],
    dhcp: false,
  });
});

test("gateways are listed by family, IPv4 first, those of the lowest metric, each once", (t) => {
  const gateways = (...routes: object[]) => eth0With({ Routes: routes }).gateways;
  t.deepEqual(
    gateways(
      route("::", 0, "fe80::2", 100),
      route("::", 0, "fe80::1", 100),
      route("::", 0, "fe80::1", 100),
      route("::", 0, "fe80::3", 1024),
      route("0.0.0.0", 0, "192.0.2.1", 100),
    ),
    ["192.0.2.1", "fe80::2%eth0", "fe80::1%eth0"],
  );
  t.deepEqual(gateways(route("::", 0, "2001:db8:ffff::1", 100)), ["2001:db8:ffff::1"]);
  t.deepEqual(gateways(route("0.0.0.0", 0, "169.254.1.1", 100)), ["169.254.1.1"]);
  t.deepEqual(gateways({ ...route("::", 0, "fe80::1", 100), Table: 99 }), []);
  t.deepEqual(gateways({ ...route("::", 0, "fe80::1", 100), Table: 100 }), ["fe80::1%eth0"]);
  t.deepEqual(gateways(route("2001:db8::", 32, "fe80::1", 100)), []);
});

test("the gateway of a router's advertisement is that of the next hop that its route names", (t) => {
  const viaNextHop = { ...route("::", 0, null, 100, "NDisc"), NextHopID: 1416997874 };
  const hop = (ID: number, gateway: string) => ({ ID, Family: 10, Gateway: bytes(gateway) });
  const gateways = (NextHops: object[]) =>
    eth0With({ NextHops, Routes: [viaNextHop, route("2001:db8:0:1::", 64, null, 100)] }).gateways;
  t.deepEqual(gateways([hop(1416997874, "fe80::c0ff:fe00:201"), hop(7, "fe80::7")]), [
    "fe80::c0ff:fe00:201%eth0",
  ]);
  t.deepEqual(gateways([hop(7, "fe80::7")]), []);
  t.deepEqual(gateways([{ ID: 1416997874, Blackhole: true }]), []);
  t.deepEqual(gateways([]), []);
});

test("a route that networkd lists under no interface belongs to the one with its next hop", (t) => {
  const answer = validators.NetworkctlList({
    Interfaces: ["eth0", "eth1"].map((Name, index) => ({
      Name,
      AdministrativeState: "configured",
      CarrierState: "carrier",
      NextHops: [{ ID: index + 1, Family: 10, Gateway: bytes(`fe80::${index + 1}`) }],
    })),
    Routes: [
      { ...route("::", 0, null, 100, "NDisc"), NextHopID: 2 },
      { ...route("::", 0, null, 100, "NDisc"), NextHopID: 9 },
    ],
  });
  t.deepEqual(
    describeInterfaces(kernel, answer.valid ? answer.value : null).map(({ gateways }) => gateways),
    [[], ["fe80::2%eth1"]],
  );
});

test("the routes that a lease brings are known by their destinations", (t) => {
  t.deepEqual(
    eth0With({
      Routes: [
        route("10.0.0.0", 8, "192.0.2.1", 100, "DHCPv4"),
        route("203.0.113.0", 24, "192.0.2.1", 100, "DHCPv4"),
        route("192.0.2.0", 24, null, 100, "DHCPv4"),
        route("198.51.100.0", 24, "192.0.2.1", 100, "static"),
      ],
    }).leasedRoutes,
    ["10.0.0.0/8", "203.0.113.0/24"],
  );
});

test("without networkd the links are still there", (t) => {
  t.deepEqual(
    describeInterfaces(kernel, null).map(({ name, state }) => [name, state]),
    [
      ["eth0", "unknown"],
      ["eth1", "unknown"],
    ],
  );
});

test("the kernel's Ethernet interfaces are found, bridges and others left out", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-sys-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const make = async (name: string, files: Record<string, string>) => {
    await mkdir(join(folder, name));
    for (const [file, content] of Object.entries(files))
      await writeFile(join(folder, name, file), `${content}\n`);
  };
  await make("lo", { type: "772", ifindex: "1", address: "00:00:00:00:00:00", carrier: "1" });
  await make("eth1", { type: "1", ifindex: "3", address: "52:54:00:00:00:02" });
  await make("eth0", {
    type: "1",
    ifindex: "2",
    address: "52:54:00:00:00:01",
    carrier: "1",
    speed: "10000",
  });
  await make("br0", { type: "1", ifindex: "4", address: "52:54:00:00:00:03", carrier: "1" });
  await mkdir(join(folder, "br0/bridge"));
  t.deepEqual(await kernelInterfaces(folder), [
    {
      index: 2,
      name: "eth0",
      macAddress: "52:54:00:00:00:01",
      carrier: true,
      pciAddress: null,
      driver: null,
      speedMbps: 10000,
    },
    {
      index: 3,
      name: "eth1",
      macAddress: "52:54:00:00:00:02",
      carrier: false,
      pciAddress: null,
      driver: null,
      speedMbps: null,
    },
  ]);
});

test("network cards come in the order of their PCI addresses, whatever order the kernel found them in; others follow by index", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "outrider-sys-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const make = async (name: string, index: number, device: string | null) => {
    const link = join(folder, "class", name);
    await mkdir(link, { recursive: true });
    for (const [file, content] of Object.entries({
      type: "1",
      ifindex: String(index),
      address: `52:54:00:00:00:0${index}`,
      carrier: "1",
    })) {
      await writeFile(join(link, file), `${content}\n`);
    }
    if (device === null) return;
    await mkdir(join(folder, "devices", device), { recursive: true });
    await symlink(join(folder, "devices", device), join(link, "device"));
  };
  // Two cards of one address are functions of one device, as some with several ports are.
  await make("veth1", 2, null);
  await make("wan", 3, "pci0000:00/0000:00:16.0/0000:0b:00.0");
  await make("lan", 4, "pci0000:00/0000:00:15.0/0000:03:00.0");
  await make("second", 6, "pci0000:00/0000:00:1f.0/virtio1");
  await make("first", 5, "pci0000:00/0000:00:1f.0/virtio1");
  await make("synthetic", 1, "LNXSYSTM:00/VMBUS:00/00000000-0000-8899-0000-000000000000");
  await make("veth0", 7, null);
  const found = await kernelInterfaces(join(folder, "class"));
  t.deepEqual(
    found.map(({ name }) => name),
    ["first", "second", "lan", "wan", "synthetic", "veth1", "veth0"],
  );
  t.deepEqual(
    describeInterfaces(found.toReversed(), null).map(({ name }) => name),
    found.map(({ name }) => name),
  );
});

test("a device's PCI address is the last one on its way", (t) => {
  t.is(pciAddressOf("/sys/devices/pci0000:00/0000:00:03.0/virtio0"), "0000:00:03.0");
  t.is(pciAddressOf("/sys/devices/pci0000:00/0000:00:15.0/0000:03:00.0"), "0000:03:00.0");
  t.is(pciAddressOf("/sys/devices/vif-0"), null);
  t.is(pciAddressOf(""), null);
});
