import test from "ava";
import fc from "fast-check";
import { parse } from "yaml";
import { OutriderError } from "../../src/base/messages/error.ts";
import { fallbackFiles } from "../../src/network/fallback.ts";
import { renderFirewall } from "../../src/network/firewall.ts";
import { generateNetworkdFiles } from "../../src/network/generate.ts";
import { renderHostnameDropIns } from "../../src/network/hostname-drop-ins.ts";
import {
  assignRoles,
  type CandidateInterface,
  type RoleDevices,
  renderNetplan,
  rolesOf,
} from "../../src/network/netplan.ts";
import { renderResolved } from "../../src/network/resolved.ts";
import { renderTimeServers } from "../../src/network/time-servers.ts";
import {
  defaultInterface,
  defaultSettings,
  type InterfaceSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { validSettings } from "../testkit/configd/valid-settings.ts";
import { findNetplanGenerator } from "../testkit/netplan.ts";

const onCard = (lan: string, spare: string[] = []): RoleDevices => ({
  lan,
  wan: null,
  cards: { lan, wan: null },
  spare,
});
const twoCards: RoleDevices = {
  lan: "eth0",
  wan: "eth1",
  cards: { lan: "eth0", wan: "eth1" },
  spare: [],
};

const command = await findNetplanGenerator();
const netplan = command === null ? test.skip : test.serial;
const generate = (yaml: string) => generateNetworkdFiles(yaml, command === null ? {} : { command });

const static4 = { method: "static", address: "192.0.2.10/24", gateway: "192.0.2.1" } as const;
const static6 = { method: "static", address: "2001:db8::10/64", gateway: "fe80::1" } as const;

const single = (lan: Partial<InterfaceSettings>): Settings => ({
  ...defaultSettings,
  network: { mode: "single", lan: { ...defaultInterface, ...lan } },
});
const split = (
  lan: Partial<InterfaceSettings>,
  wan: Partial<InterfaceSettings> = {},
): Settings => ({
  ...defaultSettings,
  network: {
    mode: "split",
    lan: { ...defaultInterface, ...lan },
    wan: { ...defaultInterface, ...wan },
  },
});
const rendered = (settings: Settings, devices: RoleDevices) =>
  parse(renderNetplan(settings, devices)).network;

test("netplan gets every field in full, matched by the kernel's name", (t) => {
  const settings = single({
    macAddress: "52:54:00:00:00:02",
    ipv4: static4,
    dns: { servers: ["192.0.2.53"], search: ["example.org"] },
  });
  t.deepEqual(rendered(settings, onCard("eth1", ["eth0"])), {
    version: 2,
    renderer: "networkd",
    ethernets: {
      lan: {
        match: { name: "eth1" },
        optional: true,
        dhcp4: false,
        dhcp6: false,
        "accept-ra": false,
        "link-local": [],
        mtu: 1500,
        addresses: ["192.0.2.10/24"],
        routes: [{ to: "default", via: "192.0.2.1", metric: 100, "on-link": false }],
        nameservers: { addresses: ["192.0.2.53"], search: ["example.org", "~."] },
      },
      "spare-eth0": {
        match: { name: "eth0" },
        optional: true,
        dhcp4: false,
        dhcp6: false,
        "accept-ra": false,
        "link-local": [],
      },
    },
  });
});

test("own DNS and time servers and an own MTU replace those of the lease", (t) => {
  const overrides = (lan: Partial<InterfaceSettings>, servers: string[] = []) =>
    rendered({ ...single(lan), time: { servers } }, onCard("eth0")).ethernets.lan[
      "dhcp4-overrides"
    ];
  const of = ({ "use-dns": dns, "use-ntp": ntp, "use-mtu": mtu }: Record<string, unknown>) => ({
    dns,
    ntp,
    mtu,
  });
  t.deepEqual(of(overrides({})), { dns: true, ntp: true, mtu: true });
  t.deepEqual(of(overrides({ dns: { servers: ["192.0.2.53"], search: [] } })), {
    dns: false,
    ntp: true,
    mtu: true,
  });
  t.deepEqual(of(overrides({}, ["ntp.example.org"])), { dns: true, ntp: false, mtu: true });
  t.deepEqual(of(overrides({ mtu: 1400 })), { dns: true, ntp: true, mtu: false });
});

test("a gateway outside a /32 or /128 is reached on the link", (t) => {
  const onLink = (lan: Partial<InterfaceSettings>) =>
    rendered(single(lan), onCard("eth0")).ethernets.lan.routes[0]["on-link"];
  t.true(onLink({ ipv4: { method: "static", address: "192.0.2.10/32", gateway: "198.51.100.1" } }));
  t.true(
    onLink({
      ipv4: { method: "off" },
      ipv6: { method: "static", address: "2001:db8::10/128", gateway: "2001:db8::1" },
    }),
  );
});

test("on-link is written for a gateway and for routes, and for every route of a /32", (t) => {
  const { routes } = rendered(
    single({
      ipv4: { ...static4, gateway: "203.0.113.1", onLink: true },
      routes: [
        { to: "10.0.0.0/8", via: "192.0.2.7", metric: null },
        { to: "198.51.100.0/24", via: "203.0.113.9", metric: 5, onLink: true },
      ],
    }),
    onCard("eth0"),
  ).ethernets.lan;
  t.deepEqual(routes, [
    { to: "default", via: "203.0.113.1", metric: 100, "on-link": true },
    { to: "10.0.0.0/8", via: "192.0.2.7" },
    { to: "198.51.100.0/24", via: "203.0.113.9", "on-link": true, metric: 5 },
  ]);
  const host = rendered(
    single({
      ipv4: { method: "static", address: "192.0.2.10/32", gateway: "198.51.100.1" },
      routes: [
        { to: "10.0.0.0/8", via: "198.51.100.1", metric: null },
        { to: "2001:db8:9::/48", via: "fe80::1", metric: null },
      ],
    }),
    onCard("eth0"),
  ).ethernets.lan.routes;
  t.deepEqual(host.slice(1), [
    { to: "10.0.0.0/8", via: "198.51.100.1", "on-link": true },
    { to: "2001:db8:9::/48", via: "fe80::1" },
  ]);
});

test("in single mode every name is asked of the servers that were set, those under .local too", (t) => {
  const searched = (lan: Partial<InterfaceSettings>) =>
    rendered(single(lan), onCard("eth0")).ethernets.lan.nameservers;
  t.deepEqual(searched({}), { addresses: [], search: ["~."] });
  t.deepEqual(searched({ dns: { servers: ["192.0.2.53"], search: ["corp.local"] } }), {
    addresses: ["192.0.2.53"],
    search: ["corp.local", "~."],
  });
  t.deepEqual(searched({ ipv4: { method: "off" }, ipv6: { method: "automatic" } }).search, ["~."]);
  t.deepEqual(searched({ ipv4: static4, dns: { servers: ["192.0.2.53"], search: [] } }).search, [
    "~.",
  ]);
});

test("without netplan, too, only the side that calls home is asked for every name", (t) => {
  const askedFor = (devices: { lan: string | null; wan: string | null }, home: "lan" | "wan") =>
    [...fallbackFiles(devices, home)].flatMap(([path, text]) =>
      /^Domains=~\.$/m.test(text) ? [path] : [],
    );
  t.deepEqual(askedFor({ lan: "eth0", wan: null }, "lan"), ["10-netplan-lan.network"]);
  t.deepEqual(askedFor({ lan: "eth0", wan: "eth1" }, "wan"), ["10-netplan-wan.network"]);
  t.deepEqual(askedFor({ lan: "eth0", wan: null }, "wan"), []);
});

test("names without a dot are asked of DNS, and nothing of the network by other means", (t) => {
  t.regex(renderResolved(), /^ResolveUnicastSingleLabel=yes$/m);
  t.regex(renderResolved(), /^MulticastDNS=no$/m);
});

test("in split mode all ways of the LAN are in the scan's table, its neighbours too, and names are asked of the WAN", (t) => {
  const routes = [{ to: "10.0.0.0/8", via: "192.0.2.7", metric: 5 }];
  const { lan, wan } = rendered(
    split(
      { ipv4: static4, ipv6: static6, routes },
      { dns: { servers: [], search: ["example.org"] } },
    ),
    twoCards,
  ).ethernets;
  t.deepEqual(lan.routes, [
    { to: "192.0.2.0/24", scope: "link", metric: 100, table: 100 },
    { to: "default", via: "192.0.2.1", metric: 100, "on-link": false, table: 100 },
    { to: "2001:db8::/64", scope: "link", metric: 100, table: 100 },
    { to: "default", via: "fe80::1", metric: 100, "on-link": false, table: 100 },
    { to: "10.0.0.0/8", via: "192.0.2.7", metric: 5, table: 100 },
  ]);
  t.deepEqual(wan.routes, []);
  t.deepEqual([lan.nameservers.search, wan.nameservers.search], [[], ["example.org", "~."]]);
  t.deepEqual([lan["dhcp4-overrides"], wan["dhcp4-overrides"]["use-ntp"]], [undefined, true]);
  t.is(
    rendered(split({ ipv6: { method: "automatic" } }), twoCards).ethernets.lan["ra-overrides"]
      .table,
    100,
  );
});

test("with a tag the card carries the VLAN and has no address; two roles can share one", (t) => {
  const { ethernets, vlans } = rendered(single({ vlan: 10, mtu: 9000, ipv4: static4 }), {
    ...onCard("lan"),
    cards: { lan: "eth0", wan: null },
  });
  t.deepEqual(ethernets, {
    "card-eth0": {
      match: { name: "eth0" },
      optional: true,
      dhcp4: false,
      dhcp6: false,
      "accept-ra": false,
      "link-local": [],
      mtu: 9000,
    },
  });
  t.deepEqual(
    [vlans.lan.id, vlans.lan.link, vlans.lan.mtu, vlans.lan.addresses],
    [10, "card-eth0", 9000, ["192.0.2.10/24"]],
  );

  const shared: RoleDevices = {
    lan: "lan",
    wan: "wan",
    cards: { lan: "eth0", wan: "eth0" },
    spare: [],
  };
  const trunk = rendered(split({ vlan: 10, mtu: 1400 }, { vlan: 20 }), shared);
  t.deepEqual(Object.keys(trunk.ethernets), ["card-eth0"]);
  t.is(trunk.ethernets["card-eth0"].mtu, 1500);
  t.deepEqual(
    [trunk.vlans.lan.id, trunk.vlans.wan.id, trunk.vlans.wan.link],
    [10, 20, "card-eth0"],
  );
});

test("nothing may come in but answers, DHCP replies, ping and ICMP errors", (t) => {
  const rules = renderFirewall(null);
  t.regex(rules, /hook input .*policy drop/);
  t.regex(rules, /hook forward .*policy drop/);
  t.false(/\b(?:tcp|dport (?!68\b))/.test(rules.replace(/dport 546\b/, "")));
});

/** Cards with the addresses that the settings name, and one more for each role. */
function cardsFor({ network }: Settings): CandidateInterface[] {
  const roles = network.mode === "split" ? [network.lan, network.wan] : [network.lan];
  const named = [...new Set(roles.flatMap(({ macAddress }) => macAddress ?? []))];
  return [...named, "02:00:00:00:00:01", "02:00:00:00:00:02"].map((macAddress, index) => ({
    name: `eth${index}`,
    macAddress,
  }));
}

const files = (settings: Settings) =>
  generate(renderNetplan(settings, assignRoles(settings, cardsFor(settings))));

/** The lines that a role's settings must have in networkd's file for its device. */
function expectedLines(settings: InterfaceSettings, table: string[]): string[] {
  const { ipv4, ipv6, dns, routes, mtu } = settings;
  const families = [ipv4, ipv6].flatMap((family) => (family.method === "static" ? [family] : []));
  return [
    ...families.flatMap(({ address, gateway }) => [
      `Address=${address}`,
      ...(gateway === null ? [] : [`Gateway=${gateway}`, ...table]),
    ]),
    `IPv6AcceptRA=${ipv6.method === "automatic" ? "yes" : "no"}`,
    `LinkLocalAddressing=${ipv6.method === "off" ? "no" : "ipv6"}`,
    ...(ipv4.method === "dhcp" ? [`DHCP=${ipv6.method === "automatic" ? "yes" : "ipv4"}`] : []),
    ...dns.servers.map((server) => `DNS=${server}`),
    ...routes.flatMap(({ to, via, metric }) => [
      `Destination=${to}`,
      `Gateway=${via}`,
      ...table,
      ...(metric === null ? [] : [`Metric=${metric}`]),
    ]),
    ...(mtu === null ? [] : [`MTUBytes=${mtu}`]),
  ];
}

netplan(
  "netplan takes any settings without a warning, and networkd's files hold them",
  async (t) => {
    t.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(validSettings, async (settings) => {
        const made = await files(settings);
        t.true(
          [...made.keys()].every((name) =>
            /^10-netplan-(?:lan|wan|card-eth\d|spare-eth\d)\.(?:network|netdev)$/.test(name),
          ),
        );
        const { network } = settings;
        for (const role of rolesOf(network)) {
          const own = network.mode === "split" ? network[role] : network.lan;
          const lines = new Set((made.get(`10-netplan-${role}.network`) ?? "").split("\n"));
          for (const line of expectedLines(
            own,
            network.mode === "split" && role === "lan" ? ["Table=100"] : [],
          ))
            t.true(lines.has(line), `${role}: ${line}`);
          t.is(
            /^Id=(\d+)$/m.exec(made.get(`10-netplan-${role}.netdev`) ?? "")?.[1],
            own.vlan === null ? undefined : String(own.vlan),
          );
        }
      }),
      { numRuns: 60 },
    );
  },
);

netplan("what netplan refuses or warns of is an error with its words", async (t) => {
  const refused = await t.throwsAsync(
    generate(
      'network:\n  version: 2\n  ethernets:\n    lan:\n      addresses: ["192.0.2.300/24"]\n',
    ),
    {
      instanceOf: OutriderError,
    },
  );
  t.is(refused?.code, "trial-failed");
  t.regex(refused?.detail ?? "", /192\.0\.2\.300/);
  const route = (name: string) =>
    `    ${name}:\n      addresses: ["192.0.2.1${name.length}/24"]\n      routes: [{to: default, via: 192.0.2.1}]\n`;
  const conflict = await t.throwsAsync(
    generate(`network:\n  version: 2\n  ethernets:\n${route("eth0")}${route("wlan1")}`),
    {
      instanceOf: OutriderError,
    },
  );
  t.regex(conflict?.detail ?? "", /[Cc]onflicting default route/);
});

test("own time servers are the only ones that are asked", (t) => {
  t.is(
    renderTimeServers(["ntp.example.org", "192.0.2.123"]),
    "[Time]\nNTP=ntp.example.org 192.0.2.123\nFallbackNTP=\n",
  );
  t.is(renderTimeServers([]), "[Time]\n");
});

netplan(
  "no server renames the appliance: netplan says it for DHCPv4, a drop-in for DHCPv6",
  async (t) => {
    const settings = split(
      { ipv6: { method: "automatic" } },
      { ipv6: { method: "static", address: "2001:db8::10/64", gateway: "2001:db8::1" } },
    );
    for (const content of (await generate(renderNetplan(settings, twoCards))).values())
      t.regex(content, /^UseHostname=false$/m);
    t.deepEqual(
      [...renderHostnameDropIns(settings)],
      [["10-netplan-lan.network.d/40-hostname.conf", "[DHCPv6]\nUseHostname=no\n"]],
    );
    t.is(renderHostnameDropIns(single({})).size, 0);
  },
);
