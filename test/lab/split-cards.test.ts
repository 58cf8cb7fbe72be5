import { applianceCards } from "../../image/lab/addresses.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  addressed,
  automatic,
  guards,
  nmap,
  type SplitLab,
  splitNetwork,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import { leaks } from "../testkit/lab/split-scans.ts";
import { countOnTheWire, strangers, wireCounts } from "../testkit/lab/wire-count.ts";

interface Shown {
  interfaces: {
    name: string;
    role: string | null;
    macAddress: string;
    linkUp: boolean;
    speedMbps: number | null;
  }[];
  networkReports: { code: string; detail: string }[];
}

async function shown({ appliance }: SplitLab): Promise<Shown> {
  return JSON.parse((await appliance.exec(["outrider", "status", "--json"])).stdout);
}

const roles = ({ interfaces }: Shown) =>
  Object.fromEntries(interfaces.map(({ macAddress, role }) => [macAddress.slice(-2), role]));
const codes = ({ networkReports }: Shown) =>
  networkReports
    .map(
      ({ code, detail }) =>
        `${code} ${/[0-9a-f]{2}(?=,|$)/.exec(detail.replace(/^\w+, /, ""))?.[0]}`,
    )
    .sort();

labTest(
  "cards that are added or missing are reported and take no role from another; while the appliance runs they are noticed too",
  async (t) => {
    t.timeout(300_000);
    const { eth0, eth1 } = applianceCards;
    const lab = await openSplitLab(t, withNetwork(splitNetwork(automatic, automatic)), {
      platform: false,
    });
    const { appliance, namespaces } = lab;
    await addressed(lab);
    const first = await shown(lab);
    t.deepEqual(roles(first), { "01": "lan", "02": "wan" });
    t.deepEqual(first.networkReports, []);
    t.true(first.interfaces.every(({ linkUp, speedMbps }) => linkUp && speedMbps === 10_000));

    await appliance.plug({ name: "eth2", segment: "lan", macAddress: "52:54:00:0a:00:03" });
    await until("the new card is noticed", async () =>
      codes(await shown(lab)).includes("interface-added 03"),
    );
    t.deepEqual(roles(await shown(lab)), { "01": "lan", "02": "wan", "03": null });

    await appliance.unplug("eth1");
    await until("the missing card is noticed", async () =>
      codes(await shown(lab)).includes("interface-missing 02"),
    );
    t.deepEqual(roles(await shown(lab)), { "01": "lan", "03": null });
    await appliance.plug(eth1);
    await countOnTheWire(namespaces, { lan: "eth0", wan: "eth1" });
    await until("it has its role again", async () => roles(await shown(lab))["02"] === "wan");
    await addressed(lab);
    t.deepEqual(codes(await shown(lab)), ["interface-added 03"]);
    // Its guard is there again as well.
    await until("the guard is there again", async () =>
      /device "?eth1/.test(
        (await appliance.exec(["nft", "list", "table", "netdev", "outrider"])).stdout,
      ),
    );
    for (const args of leaks("eth1").slice(0, 2)) await nmap(lab, args);
    t.is((await wireCounts(namespaces)).wan_other, 0, await strangers(namespaces));
    t.true(((await guards(lab))?.wan ?? 0) > 0);

    // Switched off, a card is put in before the others, and the LAN's is taken out.
    await appliance.kill9();
    appliance.cards = [
      { name: "eth0", segment: "lan", macAddress: "52:54:00:0a:00:04" },
      { ...eth1, name: "eth1" },
    ];
    await appliance.start();
    await appliance.booted();
    await addressed(lab, ["eth1"]);
    const second = await shown(lab);
    t.deepEqual(roles(second), { "02": "wan", "04": null });
    t.deepEqual(codes(second), [
      "interface-added 04",
      "interface-missing 01",
      "interface-missing 03",
    ]);
    t.is(
      (
        await appliance.exec(["ip", "address", "show", "dev", "eth0", "scope", "global"])
      ).stdout.includes("inet"),
      false,
      "it is not used",
    );
    await appliance.kill9();
    appliance.cards = [eth0, eth1];
    await appliance.start();
    await appliance.booted();
    await addressed(lab);
    t.deepEqual(roles(await shown(lab)), { "01": "lan", "02": "wan" });
  },
);
