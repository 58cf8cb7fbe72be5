import { hosts } from "../../image/lab/addresses.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  addressed,
  automatic,
  callHome,
  change,
  enrol,
  guards,
  nmap,
  programsStopped,
  type SplitLab,
  splitNetwork,
  staticLan,
  staticWan,
  swapRoles,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import { argumentsOf, fewKinds, type ScanKind, scanKinds } from "../testkit/lab/split-scans.ts";
import { countOnTheWire, strangers, wireCounts } from "../testkit/lab/wire-count.ts";

/**
 * The routing and filters of kernel and systemd; after split mode, single mode must have the same
 * again.
 */
async function routingOf({ appliance }: SplitLab): Promise<Record<string, string>> {
  const run = async (command: string) => (await appliance.exec(["sh", "-c", command])).stdout;
  return {
    rules: await run("ip rule; ip -6 rule"),
    // Life times and nexthop numbers pass; what the kernel itself caches for a neighbour is no
    // route.
    routes: await run(
      "(ip -4 route show table all; ip -6 route show table all) | sed -E 's/ expires [0-9]+sec//; s/ nhid [0-9]+//' | sort",
    ),
    nft: await run("nft --stateless list ruleset"),
    sysctls: await run(
      "cd /proc/sys/net && grep -rs . ipv4/conf ipv6/conf ipv4/fwmark_reflect ipv6/fwmark_reflect ipv4/ip_forward | grep -v stable_secret | sort",
    ),
    agent: await run("systemctl show -p RestrictNetworkInterfaces outrider-agent.service"),
    networkd: await run("cd /run/systemd/network && find . -type f | sort | xargs grep -H ''"),
    netdevs: await run("ip -o link | cut -d: -f2"),
    resolver: await run("resolvectl dns; resolvectl domain; resolvectl default-route"),
  };
}

labTest("single, split and single again needs no restart and leaves nothing behind", async (t) => {
  t.timeout(300_000);
  const single = withNetwork({ mode: "single", lan: automatic });
  const lab = await openSplitLab(t, single, { targets: false });
  await addressed(lab, ["eth0"]);
  await enrol(lab);
  const before = await routingOf(lab);
  t.is(await guards(lab), null);

  await change(lab, withNetwork(splitNetwork(automatic, automatic)));
  await addressed(lab);
  const split = await routingOf(lab);
  for (const part of ["rules", "routes", "nft", "agent", "networkd", "resolver"])
    t.not(split[part], before[part], part);
  // The kernel still wants to end connections of single mode, from LAN's address by WAN's route.
  await guards(lab);
  t.deepEqual(await programsStopped(lab), { lan: 0, wan: 0 });
  t.deepEqual(
    (split.routes ?? "")
      .split("\n")
      .filter(
        (line) =>
          /dev eth0/.test(line) && !/table (100|local)|^fe80::\/64 .*proto kernel/.test(line),
      ),
    [],
    "nothing of LAN is in the main table but its neighbours' link-local prefix",
  );

  await change(lab, single);
  await addressed(lab, ["eth0"]);
  await until(
    "WAN has no address",
    async () =>
      (
        await lab.appliance.exec(["ip", "address", "show", "dev", "eth1", "scope", "global"])
      ).stdout.includes("inet") === false,
  );
  let after = await routingOf(lab);
  await until("everything is as before", async () => {
    after = await routingOf(lab);
    return JSON.stringify(after) === JSON.stringify(before);
  }).catch(() => undefined);
  t.deepEqual(after, before);
});

labTest(
  "with static addresses, and after the roles were swapped, scans leave by LAN and calls by WAN; a change of one card leaves the other alone",
  async (t) => {
    t.timeout(400_000);
    const lab = await openSplitLab(t, withNetwork(splitNetwork(staticLan, staticWan)));
    const { appliance, namespaces } = lab;
    const applianceId = await enrol(lab);
    const scansAndCalls = async (
      cards: { lan: string; wan: string },
      kinds: readonly ScanKind[],
    ) => {
      await countOnTheWire(namespaces, cards);
      for (const kind of kinds) {
        const { stdout, stderr } = await nmap(lab, argumentsOf(kind, cards.lan));
        t.regex(stdout, kind.finds, `${kind.name} IPv${kind.family} ${stderr}`);
      }
      await callHome(lab, applianceId);
      const counts = await wireCounts(namespaces);
      t.like(counts, { lan_dns: 0, lan_other: 0, wan_other: 0 }, await strangers(namespaces));
      t.true(counts.lan_scan > 20 && counts.wan_management > 0, JSON.stringify(counts));
    };
    await addressed(lab);
    await scansAndCalls({ lan: "eth0", wan: "eth1" }, scanKinds);

    // The platform's side of a connection that stays open, and the lease of the other card.
    await change(lab, withNetwork(splitNetwork(staticLan, { ...automatic, ipv6: staticWan.ipv6 })));
    await addressed(lab);
    const lease = async () =>
      (
        await appliance.exec([
          "sh",
          "-c",
          "cat /run/systemd/netif/leases/*; ip -o -4 address show dev eth1 | sed 's/valid_lft.*//'",
        ])
      ).stdout;
    const leaseBefore = await lease();
    t.regex(leaseBefore, /198\.51\.100\.1\d\d/);
    const acquired = async () =>
      (
        (await appliance.journal("systemd-networkd.service")).match(
          /eth1: (DHCPv4 address|Reconfiguring)/g,
        ) ?? []
      ).length;
    const acquiredBefore = await acquired();
    const held = holdConnection(lab);
    await held.open;
    await change(
      lab,
      withNetwork(
        splitNetwork(
          {
            ...staticLan,
            ipv4: { method: "static", address: "192.0.2.51/24", gateway: "192.0.2.1" },
          },
          { ...automatic, ipv6: staticWan.ipv6 },
        ),
      ),
    );
    await until("LAN has its new address", async () =>
      (await appliance.exec(["ip", "address", "show", "dev", "eth0"])).stdout.includes(
        "192.0.2.51/24",
      ),
    );
    t.is(await lease(), leaseBefore);
    t.is(await acquired(), acquiredBefore);
    t.is(await held.ask(), "pong", "a connection by WAN lives on");
    held.close();

    await swapRoles(lab, automatic, automatic);
    await scansAndCalls({ lan: "eth1", wan: "eth0" }, fewKinds);
    t.deepEqual(await guards(lab), { lan: 0, wan: 0 });
  },
);

/** A TCP connection by the WAN, held open by a program of root's in the appliance. */
function holdConnection({ appliance, namespaces }: SplitLab) {
  const port = 7007;
  const server = namespaces.spawn(
    "echo",
    [
      process.execPath,
      "-e",
      `require("node:net").createServer((s) => s.on("data", () => s.write("pong"))).listen(${port}, () => console.log("listening"))`,
    ],
    { host: "platform" },
  );
  const program = `
const socket = require("node:net").connect(${port}, "${hosts.platform.address}", () => console.log("open"));
socket.on("error", (error) => console.log(error.code));
socket.on("data", (data) => console.log(String(data)));
require("node:fs").watch("/run/outrider-ask", () => socket.write("ping"));`;
  const open = (async () => {
    await server.waitForOutput("listening");
    await appliance.exec([
      "sh",
      "-c",
      'mkdir -p /run/outrider-ask && exec systemd-run --quiet --collect --unit=held /usr/lib/outrider/node -e "$0"',
      program,
    ]);
    await until("a connection by WAN", async () =>
      (await appliance.journal("held.service")).includes("open"),
    );
  })();
  return {
    open,
    ask: async () => {
      await appliance.exec(["sh", "-c", "date +%N >/run/outrider-ask/now"]);
      let said = "";
      await until("an answer", async () => {
        said = /(pong|E[A-Z]{4,})/.exec(await appliance.journal("held.service"))?.[1] ?? "";
        return said !== "";
      });
      return said;
    },
    close: () => void server.end("SIGKILL"),
  };
}
