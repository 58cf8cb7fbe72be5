import test from "ava";
import { assignRoles } from "../../src/network/roles.ts";
import { readGuardCounts } from "../../src/network/routing/guard-counts.ts";
import { ourRules, ruleChanges } from "../../src/network/routing/policy-rules.ts";
import { validators } from "../../src/network/routing/validators.ts";
import { renderRouting, renderSplitDropIns } from "../../src/network/split-routing.ts";
import {
  defaultInterface,
  type InterfaceSettings,
  type Network,
} from "../../src/settings/model/schema.ts";

const cards = ["eth0", "eth1"].map((name, index) => ({
  name,
  macAddress: `52:54:00:00:00:0${index + 1}`,
}));
const split = (
  lan: Partial<InterfaceSettings> = {},
  wan: Partial<InterfaceSettings> = {},
): { network: Network } => ({
  network: {
    mode: "split",
    lan: { ...defaultInterface, ...lan },
    wan: { ...defaultInterface, ...wan },
  },
});
const routing = (settings: { network: Network }, present = cards) =>
  renderRouting(settings, assignRoles(settings, present));

test("single mode is Linux as it is: no rule, no mark, no guard, no drop-in", (t) => {
  const settings: { network: Network } = { network: { mode: "single", lan: defaultInterface } };
  const { rules, firewall, agentInterfaces } = routing(settings);
  t.deepEqual(rules, []);
  t.is(agentInterfaces, null);
  t.notRegex(firewall, /mark|skuid|hook (egress|ingress|output|prerouting)/);
  t.is(renderSplitDropIns(settings, assignRoles(settings, cards)).size, 0);
});

test("in split mode the scan's user has the scan side's table or nothing", (t) => {
  const { rules, agentInterfaces } = routing(split());
  t.deepEqual(rules, [
    "priority 900 oif eth0 lookup 100",
    "priority 950 fwmark 0x64 lookup 100",
    "priority 1000 uidrange 821-821 lookup 100",
    "priority 1001 uidrange 821-821 prohibit",
  ]);
  t.deepEqual(agentInterfaces, ["lo", "eth1"]);
});

test("swapped roles swap devices in every rule and guard", (t) => {
  const [first, second] = cards.map(({ macAddress }) => macAddress);
  const swapped = routing(split({ macAddress: second ?? null }, { macAddress: first ?? null }));
  const exchange = (text: string) =>
    text.replaceAll("eth0", "ethX").replaceAll("eth1", "eth0").replaceAll("ethX", "eth1");
  const plain = routing(split());
  t.deepEqual(swapped.rules, plain.rules.map(exchange));
  t.deepEqual(
    swapped.firewall.split("\n").sort(),
    exchange(plain.firewall)
      .replaceAll("card_0", "card_X")
      .replaceAll("card_1", "card_0")
      .replaceAll("card_X", "card_1")
      .split("\n")
      .sort(),
  );
});

test("a card that is missing leaves its side closed, not unguarded", (t) => {
  const withoutLan = routing(split({ macAddress: "52:54:00:00:00:99" }), cards);
  t.deepEqual(
    withoutLan.rules.filter((rule) => /uidrange/.test(rule)),
    ["priority 1000 uidrange 821-821 lookup 100", "priority 1001 uidrange 821-821 prohibit"],
  );
  t.notRegex(withoutLan.firewall, /judge_lan;|goto judge_lan/);
  t.regex(withoutLan.firewall, /goto judge_wan/);
  const withoutWan = routing(split({}, { macAddress: "52:54:00:00:00:99" }), cards);
  t.deepEqual(withoutWan.agentInterfaces, ["lo"]);
  t.regex(withoutWan.firewall, /egress device "eth0"/);
  t.notRegex(withoutWan.firewall, /egress device "eth1"/);
});

test("a VLAN's frames are judged at its card by their tag, and what has no role's tag is stopped", (t) => {
  const mac = cards[0]?.macAddress ?? null;
  const shared = routing(split({ macAddress: mac, vlan: 10 }, { macAddress: mac, vlan: 20 }));
  t.deepEqual(shared.agentInterfaces, ["lo", "wan"]);
  t.regex(shared.firewall, /oifname "lan" goto judge_lan\s+oifname "wan" goto judge_wan/);
  t.regex(
    shared.firewall,
    /egress device "eth0".*\s+vlan id 10 goto judge_lan\s+vlan id 20 goto judge_wan\s+meta skuid 0-4294967294 counter name stopped_on_lan drop/,
  );
  t.notRegex(shared.firewall, /egress device "(lan|wan|eth1)"/);
  t.regex(
    shared.firewall,
    /ingress device "eth0".*\s+vlan id 10 meta mark set 100\s+vlan id 20 meta mark set 101\s+\}/,
  );
});

test("each side's packets are marked on both ways, and neither lets out what the other caused", (t) => {
  const { firewall } = routing(split());
  const chain = (name: string) =>
    [
      ...firewall.matchAll(
        new RegExp(`chain ${name} \\{([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`, "g"),
      ),
    ].map(([, lines = ""]) => lines.trim().split(/\n\s+/));
  t.deepEqual(
    [chain("arrive_0"), chain("arrive_1")].map((chains) => chains[0]?.at(-1)),
    ["meta mark set 100", "meta mark set 101"],
  );
  for (const [side, own, other] of [
    ["lan", 100, 101],
    ["wan", 101, 100],
  ] as const) {
    const [output = [], card = []] = chain(`judge_${side}`);
    const place = (lines: readonly string[], line: string) => lines.indexOf(line);
    const refused = `meta mark ${other} goto stop_on_${side}`;
    t.true(place(card, refused) >= 0);
    t.true(place(card, `arp saddr ip 192.0.0.8 goto stop_on_${side}`) >= 0);
    t.true(place(output, refused) >= 0);
    t.true(
      place(output, `meta mark set ${own}`) > place(output, refused),
      "its own mark must not hide that of the other side",
    );
  }
});

test("the kernel's list of rules reads as what made it, others' rules are left out", (t) => {
  // As `ip -json rule show` of iproute2 6.15 prints it.
  const printed = `[{"priority":0,"src":"all","table":"local"},{"priority":900,"src":"all","oif":"eth0","table":"100"},
    {"priority":950,"src":"all","fwmark":"0x64","table":"100"},{"priority":1000,"src":"all","uid_start":821,"uid_end":821,"table":"100"},
    {"priority":1001,"src":"all","uid_start":821,"uid_end":821,"action":"prohibit"},{"priority":32766,"src":"all","table":"main"}]`;
  const list = validators.RuleList(JSON.parse(printed));
  t.true(list.valid);
  if (!list.valid) return;
  const wanted = routing(split()).rules;
  t.deepEqual(ourRules(list.value), wanted);
  t.deepEqual(ruleChanges(ourRules(list.value), wanted), { add: [], remove: [] });
  const swapped = wanted.map((rule) => rule.replace("eth0", "eth1"));
  t.deepEqual(ruleChanges(ourRules(list.value), swapped), {
    add: ["priority 900 oif eth1 lookup 100"],
    remove: ["priority 900 oif eth0 lookup 100"],
  });
});

test("what both guards of a side stopped is added up", (t) => {
  const counter = (family: string, name: string, packets: number) => ({
    counter: { family, name, table: "outrider", handle: 1, packets, bytes: packets * 60 },
  });
  const read = (nftables: unknown[]) => {
    const list = validators.CounterList({ nftables });
    return list.valid ? readGuardCounts(list.value) : t.fail();
  };
  const metainfo = { metainfo: { version: "1.1.3", json_schema_version: 1 } };
  t.deepEqual(
    read([
      metainfo,
      counter("inet", "stopped_on_wan", 2),
      counter("netdev", "stopped_on_wan", 3),
      counter("netdev", "stopped_on_lan", 1),
      counter("inet", "kernel_on_wan", 4),
      counter("netdev", "kernel_on_lan", 6),
      {
        counter: { family: "inet", name: "stopped_on_wan", table: "other", packets: 100, bytes: 1 },
      },
    ]),
    {
      lan: { packets: 7, bytes: 420, kernelPackets: 6 },
      wan: { packets: 9, bytes: 540, kernelPackets: 4 },
    },
  );
  t.is(read([metainfo]), null);
});
