import test from "ava";
import { defaultSettings } from "../../../src/settings/model/schema.ts";
import type { ZeroTouchDocument } from "../../../src/settings/zero-touch/document.ts";
import { readZeroTouch } from "../../../src/settings/zero-touch/read.ts";

type Given = Pick<ZeroTouchDocument, "format" | "text"> & Partial<ZeroTouchDocument>;
const read = (...documents: Given[]) =>
  readZeroTouch(
    documents.map((document) => ({ source: "a source", place: "a place", ...document })),
    defaultSettings,
    5,
  );
const config = (text: string) => read({ format: "network-config", text });
const data = (content: unknown) => read({ format: "network-data", text: JSON.stringify(content) });
const used = ({ settings, report }: ReturnType<typeof read>) => ({
  ...settings.network.lan,
  problems: report.problems.map(({ message }) => message),
  notes: report.notes,
});

const fixed = {
  ipv4: { method: "static", address: "192.0.2.10/24", gateway: "192.0.2.1" },
  dns: { servers: ["192.0.2.53"], search: ["example.org"] },
  problems: [],
} as const;

test("version 1, as Proxmox VE writes it: static addresses, the card by its MAC address", (t) => {
  const proxmox = `version: 1
config:
    - type: physical
      name: eth0
      mac_address: 'BC:24:11:4f:aa:01'
      subnets:
      - type: static
        address: '192.0.2.10'
        netmask: '255.255.255.0'
        gateway: '192.0.2.1'
      - type: static6
        address: '2001:db8::10/64'
        gateway: 'fe80::1'
    - type: nameserver
      address:
      - '192.0.2.53'
      search:
      - 'example.org'
`;
  t.like(used(config(proxmox)), {
    ...fixed,
    macAddress: "bc:24:11:4f:aa:01",
    ipv6: { method: "static", address: "2001:db8::10/64", gateway: "fe80::1" },
    notes: [],
  });
  t.like(used(config(`network:\n${proxmox.replace(/^/gm, "  ")}`)), fixed, "with its head");
});

test("version 1: DHCP, SLAAC, VLAN, routes and MTU; what is not used is named", (t) => {
  t.like(
    used(
      config(
        "version: 1\nconfig: [{type: physical, name: a, subnets: [{type: dhcp4}, {type: ipv6_slaac}]}]",
      ),
    ),
    {
      ipv4: { method: "dhcp" },
      ipv6: { method: "automatic" },
      problems: [],
    },
  );
  const vlan = config(`version: 1
config:
- {type: physical, name: eth0, mac_address: "52:54:00:12:34:56", mtu: 9000, subnets: [{type: manual}]}
- type: vlan
  name: eth0.7
  vlan_id: 7
  vlan_link: eth0
  mtu: 1400
  subnets:
  - type: static
    address: 192.0.2.10/24
    gateway: 192.0.2.1
    dns_nameservers: [192.0.2.53]
    dns_search: example.org
    routes: [{network: 203.0.113.0, netmask: 255.255.255.0, gateway: 192.0.2.254}]
- {type: route, destination: 198.51.100.0/24, gateway: 192.0.2.253, metric: 50}
- {type: bond, name: bond0, bond_interfaces: [eth1, eth2], subnets: [{type: dhcp}]}
`);
  t.like(used(vlan), {
    ...fixed,
    macAddress: "52:54:00:12:34:56",
    vlan: 7,
    mtu: 1400,
    notes: ["bond0 is not used: it is of the kind bond."],
  });
  t.deepEqual(vlan.settings.network.lan.routes, [
    { to: "203.0.113.0/24", via: "192.0.2.254", metric: null },
    { to: "198.51.100.0/24", via: "192.0.2.253", metric: 50 },
  ]);
  t.deepEqual(config("network: {config: disabled}").report.problems, []);
});

test("version 2, netplan's form: the interface that leads out is the LAN", (t) => {
  const netplan = config(`network:
  version: 2
  renderer: networkd
  ethernets:
    eth1: {addresses: [198.51.100.9/24]}
    id0:
      match: {macaddress: "52:54:00:12:34:56"}
      set-name: eth0
      dhcp4: no
      addresses: [192.0.2.10/24, "192.0.2.11/24", {"2001:db8::10/64": {lifetime: 0}}]
      routes:
      - {to: default, via: 192.0.2.1}
      - {to: "::/0", via: "fe80::1"}
      - {to: 203.0.113.0/24, via: 192.0.2.254, metric: 7}
      nameservers: {addresses: [192.0.2.53], search: [example.org]}
      mtu: 1400
      wakeonlan: true
`);
  t.like(used(netplan), {
    ...fixed,
    macAddress: "52:54:00:12:34:56",
    mtu: 1400,
    ipv6: { method: "static", address: "2001:db8::10/64", gateway: "fe80::1" },
    routes: [{ to: "203.0.113.0/24", via: "192.0.2.254", metric: 7 }],
  });
  t.deepEqual(netplan.report.notes, [
    "192.0.2.11/24 of id0 is not used: there is one like it already, or none fits.",
    "wakeonlan of id0 is not used.",
    "eth1 is not used: one network card is set up from this. Give a second one by wan_enabled and the names that begin with wan_.",
  ]);
  t.like(
    used(
      config(
        "version: 2\nethernets: {a: {addresses: [192.0.2.10/24], gateway4: 192.0.2.1, nameservers: {addresses: [192.0.2.53, '2001:db8::53'], search: [example.org]}}}",
      ),
    ),
    { ...fixed, ipv6: { method: "off" } },
    "a server of a family that is off is left out",
  );
  t.like(used(config("version: 2\nethernets: {a: {dhcp4: true, dhcp6: yes}}")), {
    ipv4: { method: "dhcp" },
    ipv6: { method: "automatic" },
  });
  t.like(
    used(
      config(
        "version: 2\nethernets: {a: {}}\nvlans: {v: {id: 7, link: a, addresses: ['2001:db8::10/64'], gateway6: 'fe80::1', nameservers: {addresses: ['2001:db8::53']}}}",
      ),
    ),
    { vlan: 7, ipv4: { method: "off" }, problems: [] },
  );
});

test("network_data.json of OpenStack's ConfigDrive", (t) => {
  const content = {
    links: [
      {
        id: "tap1",
        type: "ovs",
        vif_id: "x",
        ethernet_mac_address: "fa:16:3e:aa:bb:cc",
        mtu: 1450,
      },
    ],
    networks: [
      {
        id: "network0",
        link: "tap1",
        type: "ipv4",
        network_id: "y",
        ip_address: "192.0.2.10",
        netmask: "255.255.255.0",
        routes: [
          { network: "0.0.0.0", netmask: "0.0.0.0", gateway: "192.0.2.1" },
          { network: "203.0.113.0", netmask: "255.255.255.0", gateway: "192.0.2.254" },
        ],
      },
      {
        link: "tap1",
        type: "ipv6",
        ip_address: "2001:db8::10",
        netmask: "ffff:ffff:ffff:ffff::",
        routes: [{ network: "::", netmask: "::", gateway: "fe80::1" }],
      },
    ],
    services: [{ type: "dns", address: "192.0.2.53" }],
  };
  t.like(used(data(content)), {
    ipv4: fixed.ipv4,
    problems: [],
    macAddress: "fa:16:3e:aa:bb:cc",
    mtu: 1450,
    dns: { servers: ["192.0.2.53"], search: [] },
    ipv6: { method: "static", address: "2001:db8::10/64", gateway: "fe80::1" },
    routes: [{ to: "203.0.113.0/24", via: "192.0.2.254", metric: null }],
  });
  const lease = (type: string) =>
    used(data({ ...content, networks: [{ id: "n", link: "tap1", type }] }));
  t.like(lease("ipv4_dhcp"), { ipv4: { method: "dhcp" }, problems: [] });
  t.like(lease("ipv6_slaac"), { ipv4: { method: "off" }, ipv6: { method: "automatic" } });
  t.like(
    used(
      data({
        ...content,
        links: [...content.links, { id: "v", type: "vlan", vlan_link: "tap1", vlan_id: 101 }],
        networks: [{ ...content.networks[0], link: "v" }],
      }),
    ),
    { vlan: 101, macAddress: "fa:16:3e:aa:bb:cc" },
  );
});

test("an operator's own values win over the hypervisor's network, which is used as a whole", (t) => {
  const network: Given = {
    format: "network-config",
    place: "cidata: network-config",
    text: "version: 2\nethernets: {a: {addresses: [192.0.2.10/24], gateway4: 192.0.2.1, nameservers: {addresses: [192.0.2.53]}}}",
  };
  const own: Given = {
    format: "user-data",
    source: "settings file",
    text: "lan_address=198.51.100.9/24\nlan_gateway=198.51.100.1\nlan_dns=198.51.100.53",
  };
  for (const documents of [
    [network, own],
    [own, network],
  ]) {
    const reading = used(read(...documents));
    t.like(reading, { ipv4: { address: "198.51.100.9/24" }, problems: [] });
    t.deepEqual(reading.notes, [
      "The network in cidata: network-config is not used: settings file gave lan_address.",
    ]);
  }
  t.like(used(read(network, network)), { ipv4: { address: "192.0.2.10/24" }, notes: [] });
  const file: Given = {
    format: "settings-yaml",
    source: "settings file",
    text: "network: {mode: single, lan: {ipv4: {method: dhcp}}}",
  };
  t.like(used(read(network, file)), { ipv4: { method: "dhcp" } });
  t.like(used(read({ format: "user-data", text: "lan_search=corp.example" }, network)), {
    ipv4: { address: "192.0.2.10/24" },
    dns: { servers: ["192.0.2.53"], search: ["corp.example"] },
  });
});

test("a configuration that cannot be read is reported with its place", (t) => {
  for (const text of [
    "auto eth0\niface eth0 inet dhcp",
    "version: 3\nethernets: {}",
    "a: [",
    "- a",
  ])
    t.is(config(text).report.problems.length, 1, text);
  t.like(config("version: 3").report.problems[0], { place: "a place, line 1" });
  t.like(config("version: 2\nethernets: {a: {addresses: [192.0.2.300/24]}}").report.problems[0], {
    place: "a place, line 2",
    field: "lan_address",
  });
  t.deepEqual(config("").report.problems, []);
});

test("cloud-init's properties of a vApp are read: user data, metadata, network", (t) => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const netplan =
    "version: 2\nethernets: {a: {addresses: [192.0.2.10/24], gateway4: 192.0.2.1, nameservers: {addresses: [192.0.2.53]}}}";
  const properties = (given: Record<string, string>) =>
    read({
      format: "ovf-environment",
      text: `<Environment><PropertySection>${Object.entries(given)
        .map(([key, value]) => `<Property key="${key}" value="${value}"/>`)
        .join("")}</PropertySection></Environment>`,
    });
  const cloudConfig = "#cloud-config\nhostname: scanner-1\n";
  for (const value of [base64(cloudConfig), "hostname=scanner-1"])
    t.is(
      properties({ "guestinfo.userdata": value, "guestinfo.userdata.encoding": "base64" }).settings
        .hostname,
      "scanner-1",
    );
  t.like(
    used(
      properties({
        "guestinfo.metadata": base64(
          `local-hostname: a.example.org\nnetwork:\n  ${netplan.replace("\n", "\n  ")}\n`,
        ),
      }),
    ),
    { ipv4: fixed.ipv4, problems: [] },
  );
  t.like(used(properties({ "network-config": base64(netplan) })), { ipv4: fixed.ipv4 });
  const metadata = read({
    format: "meta-data",
    text: JSON.stringify({ network: base64(netplan), "network.encoding": "base64" }),
  });
  t.like(used(metadata), { ipv4: fixed.ipv4, problems: [] });
  t.deepEqual(
    read({
      format: "meta-data",
      text: '{"network_config": {"content_path": "/content/0000"}}',
    }).report.notes,
    ["network_config is not read: give network-config, network_data.json or our names."],
  );
});

test("keys of a cloud-config for what is a setting here are named", (t) => {
  const { report, settings } = read({
    format: "user-data",
    text: "#cloud-config\nhostname: a\ntimezone: Europe/Berlin\nntp: {servers: [ntp.example.org]}\nca_certs: {trusted: [x]}\nnetwork: {version: 2}\napt: {http_proxy: http://p}\npackages: [vim]\n",
  });
  t.is(settings.hostname, "a");
  t.deepEqual(report.notes, [
    "network of the cloud-config is not used: give lan_address, lan_gateway and lan_dns in its section outrider.",
    "ntp of the cloud-config is not used: give ntp_servers in its section outrider.",
    "ca_certs of the cloud-config is not used: give trusted_certificates in its section outrider.",
    "timezone of the cloud-config is not used: give scan_time_zone in its section outrider.",
    "apt of the cloud-config is not used: give proxy_url in its section outrider.",
  ]);
});

const cards = (lines: string) => `version: 2\nethernets:\n  a:\n${lines.replace(/^/gm, "    ")}`;
const rest = "gateway4: 192.0.2.1\nnameservers: {addresses: [192.0.2.53], search: [example.org]}";

test("one value where a list is meant is taken", (t) => {
  t.like(used(config(cards(`addresses: 192.0.2.10/24\n${rest}`))), { ...fixed, notes: [] });
  t.like(
    used(
      config(
        "version: 1\nconfig: {type: physical, name: a, subnets: {type: static, address: 192.0.2.10/24, gateway: 192.0.2.1, dns_nameservers: 192.0.2.53, dns_search: example.org}}",
      ),
    ),
    { ...fixed, notes: [] },
  );
  t.like(
    used(
      data({
        links: { id: "l", type: "phy" },
        networks: {
          link: "l",
          type: "ipv4",
          ip_address: "192.0.2.10",
          netmask: "255.255.255.0",
          routes: { network: "0.0.0.0", netmask: "0.0.0.0", gateway: "192.0.2.1" },
        },
        services: { type: "dns", address: "192.0.2.53" },
      }),
    ),
    { ipv4: fixed.ipv4, problems: [], notes: [] },
  );
});

test("a tag or an anchor of YAML hides no value in silence", (t) => {
  for (const lines of [
    `addresses: &all [192.0.2.10/24]\n${rest}`,
    `addresses: [!!str 192.0.2.10/24]\n${rest}`,
    `addresses: [192.0.2.10/24]\n${rest.replace("192.0.2.1\n", "!!str 192.0.2.1\n")}`,
  ]) {
    const { ipv4, problems } = used(config(cards(lines)));
    t.is(ipv4.method, "dhcp", lines);
    t.regex(problems.join(), /tag or an anchor/, lines);
  }
});

for (const [title, given, named] of [
  ["a list of version 1 that is a text", config("version: 1\nconfig: eth0"), /^config of network/],
  [
    "an entry that is a text",
    config("version: 1\nconfig: [eth0, {type: physical, name: a, subnets: [dhcp]}]"),
    /config of network.*/,
  ],
  [
    "subnets that are texts",
    config("version: 1\nconfig: [{type: physical, name: a, subnets: [{type: dhcp4}, static]}]"),
    /subnets of a is not used/,
  ],
  [
    "cards as a list",
    config("version: 2\nethernets: [{a: {dhcp4: true}}]"),
    /ethernets of network/,
  ],
  [
    "routes as texts",
    config(cards("dhcp4: true\nroutes: [default via 192.0.2.1]")),
    /routes of a is not used/,
  ],
  [
    "servers without their key",
    config(cards("dhcp4: true\nnameservers: [192.0.2.53]")),
    /nameservers of a is not used/,
  ],
  [
    "servers under another key",
    config(cards("dhcp4: true\nnameservers: {address: 192.0.2.53}")),
    /nameservers of a is not used/,
  ],
  [
    "a network on a link that is not there",
    data({ links: [{ id: "l" }], networks: [{ id: "net0", link: "m", ip_address: "192.0.2.10" }] }),
    /net0 of network is not used/,
  ],
  [
    "a static network without an address",
    data({
      links: [{ id: "l" }],
      networks: [
        { id: "net0", link: "l", type: "ipv4" },
        { link: "l", type: "ipv4_dhcp" },
      ],
    }),
    /net0 of l is not used/,
  ],
] as const)
  test(`what has a shape that is not read is named: ${title}`, (t) => {
    t.regex(used(given).notes.join("\n"), named);
  });
