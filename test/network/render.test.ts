import { access } from "node:fs/promises";
import test from "ava";
import fc from "fast-check";
import { parse } from "yaml";
import { renderFirewall } from "../../src/network/firewall.ts";
import { generateNetworkdFiles, generatorPath } from "../../src/network/generate.ts";
import { assignRoles, noDevices, type RoleDevices, renderNetplan } from "../../src/network/netplan.ts";
import { OutriderError } from "../../src/protocol/error.ts";
import { defaultInterface, defaultSettings, type Settings } from "../../src/settings/schema.ts";
import { validSettings } from "../testkit/system-fake-settings.ts";

const interfaces = [
  { name: "eth0", macAddress: "52:54:00:00:00:01" },
  { name: "eth1", macAddress: "52:54:00:00:00:02" },
];

const onCard = (lan: string, spare: string[] = []): RoleDevices => ({ lan, wan: null, cards: { lan, wan: null }, spare });

/** Another netplan than the machine's own, as one that was only unpacked, can be named. */
const generator = process.env.OUTRIDER_NETPLAN_GENERATE ?? generatorPath;
const netplan = (await access(generator).then(
  () => true,
  () => false,
))
  ? test.serial
  : test.skip;

const generate = (yaml: string) => generateNetworkdFiles(yaml, { command: [generator] });

const fixed: Settings = {
  ...defaultSettings,
  network: {
    mode: "single",
    lan: {
      ...defaultInterface,
      macAddress: "52:54:00:00:00:02",
      ipv4: { method: "static", address: "192.0.2.10/24", gateway: "192.0.2.1" },
      dns: { servers: ["192.0.2.53"], search: ["example.org"] },
    },
  },
};

test("the LAN is the interface with the MAC address of the settings, or the first one", (t) => {
  t.deepEqual(assignRoles(fixed, interfaces), onCard("eth1", ["eth0"]));
  t.deepEqual(assignRoles(defaultSettings, interfaces), onCard("eth0", ["eth1"]));
  t.deepEqual(assignRoles(fixed, interfaces.slice(0, 1)), { ...noDevices, spare: ["eth0"] });
  t.deepEqual(assignRoles(defaultSettings, []), noDevices);
});

test("netplan gets every field in full, matched by the kernel's name", (t) => {
  t.deepEqual(parse(renderNetplan(fixed, onCard("eth1", ["eth0"]))), {
    network: {
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
          nameservers: { addresses: ["192.0.2.53"], search: ["example.org"] },
        },
        "spare-eth0": { match: { name: "eth0" }, optional: true, dhcp4: false, dhcp6: false, "accept-ra": false, "link-local": [] },
      },
    },
  });
});

test("own DNS servers replace those of the lease", (t) => {
  const overrides = (servers: string[]) => {
    const settings = { ...defaultSettings, network: { ...defaultSettings.network, lan: { ...defaultSettings.network.lan, dns: { servers, search: [] } } } };
    return parse(renderNetplan(settings, onCard("eth0"))).network.ethernets.lan["dhcp4-overrides"];
  };
  t.is(overrides([])["use-dns"], true);
  t.is(overrides(["192.0.2.53"])["use-dns"], false);
});

test("a gateway outside a /32 is reached on the link", (t) => {
  const settings: Settings = {
    ...fixed,
    network: { mode: "single", lan: { ...fixed.network.lan, ipv4: { method: "static", address: "192.0.2.10/32", gateway: "198.51.100.1" } } },
  };
  t.true(parse(renderNetplan(settings, onCard("eth0"))).network.ethernets.lan.routes[0]["on-link"]);
});

test("every valid setting renders to YAML that holds it", (t) => {
  fc.assert(
    fc.property(validSettings, (settings) => {
      const { lan } = parse(renderNetplan(settings, onCard("eth0"))).network.ethernets;
      const { ipv4, dns } = settings.network.lan;
      t.is(lan.dhcp4, ipv4.method === "dhcp");
      t.deepEqual(lan.addresses, ipv4.method === "static" ? [ipv4.address] : undefined);
      t.deepEqual(lan.nameservers, { addresses: dns.servers, search: dns.search });
    }),
    { numRuns: 60 },
  );
});

test("nothing may come in but answers, DHCP replies, ping and ICMP errors", (t) => {
  const rules = renderFirewall(null);
  t.regex(rules, /hook input .*policy drop/);
  t.regex(rules, /hook forward .*policy drop/);
  t.false(/\b(?:tcp|dport (?!(?:68|546)\b))/.test(rules));
});

netplan("netplan takes all that is rendered, without a warning", async (t) => {
  t.timeout(120_000);
  await fc.assert(
    fc.asyncProperty(validSettings, async (settings) => {
      const files = await generate(renderNetplan(settings, assignRoles(settings, interfaces)));
      t.true([...files.keys()].every((name) => /^10-netplan-(?:lan|spare-eth\d)\.network$/.test(name)));
    }),
    { numRuns: 40 },
  );
});

netplan("what netplan refuses or warns of is an error with its words", async (t) => {
  const refused = await t.throwsAsync(generate('network:\n  version: 2\n  ethernets:\n    lan:\n      addresses: ["192.0.2.300/24"]\n'), {
    instanceOf: OutriderError,
  });
  t.is(refused?.code, "trial-failed");
  t.regex(refused?.detail ?? "", /192\.0\.2\.300/);
  const route = (name: string) => `    ${name}:\n      addresses: ["192.0.2.1${name.length}/24"]\n      routes: [{to: default, via: 192.0.2.1}]\n`;
  const conflict = await t.throwsAsync(generate(`network:\n  version: 2\n  ethernets:\n${route("eth0")}${route("wlan1")}`), {
    instanceOf: OutriderError,
  });
  t.regex(conflict?.detail ?? "", /[Cc]onflicting default route/);
});
