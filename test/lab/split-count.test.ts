import { hosts } from "../../image/lab/addresses.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  addressed,
  automatic,
  callHome,
  enrol,
  guards,
  nmap,
  type SplitLab,
  splitNetwork,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import {
  argumentsOf,
  fewKinds,
  leaks,
  type ScanKind,
  scanKinds,
} from "../testkit/lab/split-scans.ts";
import {
  countOnTheWire,
  strangers,
  type WireCounts,
  wireCounts,
} from "../testkit/lab/wire-count.ts";

/** Returns the kinds of scan that did not find the expected hosts. */
async function missedBy(
  kinds: readonly ScanKind[],
  lab: SplitLab,
  device: string,
): Promise<string[]> {
  const missed: string[] = [];
  for (const kind of kinds) {
    const { stdout, stderr } = await nmap(lab, argumentsOf(kind, device));
    if (!kind.finds.test(stdout))
      missed.push(`${kind.name} IPv${kind.family}: ${stdout} ${stderr}`);
  }
  return missed;
}

const nothingAstray: Partial<WireCounts> = { lan_other: 0, wan_other: 0 };

labTest(
  "in split mode scans leave by LAN and calls home by WAN, both families, by DHCP; what would leak is stopped and counted; a dead link moves nothing",
  async (t) => {
    t.timeout(400_000);
    const lab = await openSplitLab(t, withNetwork(splitNetwork(automatic, automatic)));

    const { appliance, namespaces, operator } = lab;
    const astray = async (what: string) =>
      t.like(
        await wireCounts(namespaces),
        nothingAstray,
        `${what}: ${await strangers(namespaces)}`,
      );
    await addressed(lab);
    const applianceId = await enrol(lab);

    const scan = await operator.startScan({
      applianceId,
      name: "Split",
      ports: "top-100",
      targets: [hosts.web.address, "198.51.100.20", hosts.web.address6, hosts.ssh.address6],
      exclusions: [hosts.ssh.address6],
    });
    const ended = await operator.waitForScanEnd(scan.id);
    t.is(ended.state, "completed", JSON.stringify(ended.completion));
    const found = await operator.hosts(scan.id);
    t.deepEqual(
      found.map(({ address, ports }) => [
        address,
        ports
          .filter(({ state }) => state === "open")
          .map(({ number, service }) => `${number} ${service?.product}`),
      ]),
      [
        [hosts.web.address, ["80 nginx"]],
        ["198.51.100.20", []],
        [hosts.web.address6, ["80 nginx"]],
      ],
    );
    t.is(found.at(-1)?.macAddress?.toLowerCase(), hosts.web.macAddress);
    t.notRegex(await appliance.journal("systemd-networkd.service"), /Could not set hostname/);
    t.deepEqual(await missedBy(scanKinds, lab, "eth0"), []);
    await callHome(lab, applianceId);
    const counts = await wireCounts(namespaces);
    t.true(counts.lan_scan > 100 && counts.wan_management > 50, JSON.stringify(counts));
    t.is(counts.lan_dns, 0, "the resolver asks on WAN only");
    await astray("scan and call");
    t.deepEqual(await guards(lab), { lan: 0, wan: 0 }, "nothing had to be stopped");

    await nmap(lab, ["-R", "-sn", "-e", "eth0", "--dns-servers", "192.0.2.1", hosts.web.address]);
    t.true((await wireCounts(namespaces)).lan_dns > 0, "the scan's own questions go by LAN");

    await t.notThrowsAsync(async () => {
      for (const args of leaks("eth1")) await nmap(lab, args);
    });
    await astray("a scan that leaks");
    const stopped = await guards(lab);
    t.true((stopped?.wan ?? 0) >= 4, JSON.stringify(stopped));
    // Raw, which neither routing nor the unit's rule about interfaces sees.
    const asAgent = ["--uid=820", "--gid=820", "--property=AmbientCapabilities=CAP_NET_RAW"];
    const run = (args: readonly string[]) =>
      appliance.exec(
        ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", ...asAgent, ...args],
        { mayFail: true },
      );
    await run(["nmap", "--privileged", "-n", "-sn", "-PR", "-e", "eth0", hosts.web.address]);
    await astray("the agent's user on LAN");
    t.true(((await guards(lab))?.lan ?? 0) > 0, "the agent's user sends nothing by LAN");

    await countOnTheWire(namespaces, { lan: "eth0", wan: "eth1" });
    await appliance.setCarrier("eth0", false);
    await until(
      "the LAN's routes are gone",
      async () =>
        (await appliance.exec(["ip", "route", "show", "table", "100"], { mayFail: true }))
          .stdout === "",
    );
    t.is((await missedBy(fewKinds, lab, "eth0")).length, fewKinds.length, "nothing is found");
    await callHome(lab, applianceId);
    await astray("LAN is down");
    await appliance.setCarrier("eth0", true);
    await addressed(lab);

    await countOnTheWire(namespaces, { lan: "eth0", wan: "eth1" });
    await appliance.setCarrier("eth1", false);
    await until(
      "the WAN's routes are gone",
      async () => (await appliance.exec(["ip", "route", "show", "default"])).stdout === "",
    );
    await appliance.exec(["outrider", "call"], { mayFail: true });
    await until(
      "the call fails",
      async () => /failed/.test((await appliance.exec(["outrider", "status"])).stdout),
      60_000,
    );
    t.deepEqual(await missedBy(fewKinds, lab, "eth0"), []);
    const { stdout: own } = await appliance.exec([
      "sh",
      "-c",
      "ip -o -4 address show dev eth0 | sed -E 's/.* inet ([0-9.]+).*/\\1/'",
    ]);
    const { stdout: asked } = await lab.exec("station", ["nmap", "-n", "-sn", "-PR", own]);
    t.regex(asked, /1 host up/, "LAN's neighbours still get an answer");
    await astray("WAN is down");
    t.is((await wireCounts(namespaces)).lan_dns, 0);
    await appliance.setCarrier("eth1", true);
    await callHome(lab, applianceId);
  },
);
