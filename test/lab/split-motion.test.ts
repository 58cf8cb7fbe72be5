import { hosts } from "../../image/lab/addresses.ts";
import { labTest } from "../testkit/lab/lab.ts";
import { witness, witnessed } from "../testkit/lab/side-witness.ts";
import { events } from "../testkit/lab/split-events.ts";
import {
  addressed,
  automatic,
  enrol,
  guards,
  splitNetwork,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import { during } from "../testkit/lab/split-motion.ts";
import { countOnTheWire, strangers, wireCounts } from "../testkit/lab/wire-count.ts";

const cards = { lan: "eth0", wan: "eth1" };

labTest(
  "a scan whose card loses its link waits for it, goes on, and says what it looked at again; nothing leaves by WAN meanwhile, and the guards count what would have",
  async (t) => {
    t.timeout(600_000);
    const lab = await openSplitLab(t, withNetwork(splitNetwork(automatic, automatic)));
    const { appliance, namespaces, operator } = lab;
    await addressed(lab);
    const applianceId = await enrol(lab);

    await countOnTheWire(namespaces, cards);
    await witness(lab, cards);
    const scan = await operator.startScan({
      applianceId,
      name: "Motion",
      profile: "gentle",
      ports: "top-1000",
      targets: [hosts.web.address, hosts.ssh.address],
    });
    await until(
      "the scan is at the ports",
      async () => (await wireCounts(namespaces)).lan_scan > 300,
      120_000,
    );
    await appliance.setCarrier("eth0", false);
    await until("the scan waits", async () =>
      (await appliance.journal()).includes("the scan waits for its card"),
    );
    await until(
      "LAN has lost its lease",
      async () =>
        (await appliance.exec(["ip", "route", "show", "table", "100"], { mayFail: true }))
          .stdout === "",
    );
    t.is((await operator.scan(scan.id)).state, "running");
    await appliance.setCarrier("eth0", true);
    const ended = await operator.waitForScanEnd(scan.id);
    t.is(ended.state, "completed", JSON.stringify(ended.completion));
    t.deepEqual(
      ended.completion?.problems.map(({ code, detail }) => [
        code,
        detail.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|\d+ s/g, "TIME"),
      ]),
      [
        [
          "scan-card-down",
          `${hosts.web.address} and 1 more were scanned again, because eth0 had no link from TIME to TIME (TIME)`,
        ],
      ],
    );
    t.deepEqual(
      (await operator.hosts(scan.id)).map(({ address, ports, timedOut }) => [
        address,
        ports.filter(({ state }) => state === "open").map(({ number }) => number),
        timedOut,
      ]),
      [
        [hosts.web.address, [80], false],
        [hosts.ssh.address, [22], false],
      ],
    );
    const { lan_other, wan_other, lan_dns } = await wireCounts(namespaces);
    t.deepEqual([lan_other, wan_other, lan_dns], [0, 0, 0], await strangers(namespaces));
    const atGuards = await witnessed(namespaces);
    t.like(atGuards, { lanPassed: 0, wanPassed: 0 });
    t.deepEqual(await guards(lab), { lan: atGuards.lan, wan: atGuards.wan });

    // The kernel's own errors about scans in every family, while the link is gone.
    const [cut] = events;
    if (cut === undefined) return t.fail();
    const motion = await during(lab, applianceId, cards, cut);
    t.deepEqual(motion.faults, []);
    t.true(motion.stopped.wan > 0, "the kernel wanted to report packets of the scan");
    const { stdout } = await appliance.exec(["outrider", "status"]);
    t.regex(stdout, /of them the system's own answers/);
  },
);
