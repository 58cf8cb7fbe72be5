import { labNetworks } from "../../image/lab/networks.ts";
import { defaultInterface } from "../../src/settings/model/schema.ts";
import { adviceOn, complaints, interfaceOf, only6 } from "../testkit/lab/agreement.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  callHome,
  enrol,
  guards,
  type SplitLab,
  splitNetwork,
  staticWan,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";

const only4 = defaultInterface;
const staticWan6 = {
  ...only6,
  ipv6: staticWan.ipv6,
  dns: { servers: ["2001:db8:0:2::1"], search: [] },
};

async function peersOf({ appliance }: SplitLab): Promise<string> {
  return (await appliance.exec(["ss", "-Htn", "dport", "=", ":443"])).stdout;
}

labTest(
  "in split mode WAN may have IPv6 alone, advertised or static, while LAN has IPv4 alone",
  async (t) => {
    t.timeout(300_000);
    const lab = await openSplitLab(t, withNetwork(splitNetwork(only4, only6)), {
      networks: labNetworks.wanIpv6,
      targets: false,
    });
    const applianceId = await enrol(lab);
    t.deepEqual(await complaints(lab), []);
    const { role, origins } = await interfaceOf(lab, "eth1");
    t.is(role, "wan");
    t.deepEqual(origins.sort(), ["dhcpv6", "router"]);
    t.regex(await peersOf(lab), /\[2001:db8:0:2::10\]:443/);

    const advice = await adviceOn(lab, withNetwork(splitNetwork(only4, staticWan6)));
    t.is(advice, "keep");
    await callHome(lab, applianceId);
    t.deepEqual(await complaints(lab), []);
    t.like(await interfaceOf(lab, "eth1"), {
      origins: ["static"],
      gateways: ["2001:db8:0:2::1"],
      dns: ["2001:db8:0:2::1"],
    });
    t.deepEqual(await guards(lab), { lan: 0, wan: 0 });
  },
);

labTest("in split mode WAN may have IPv6 alone and NAT64 behind it", async (t) => {
  t.timeout(200_000);
  const lab = await openSplitLab(t, withNetwork(splitNetwork(only4, only6)), {
    networks: labNetworks.wanNat64,
    targets: false,
  });
  const applianceId = await enrol(lab);
  await callHome(lab, applianceId);
  t.deepEqual(await complaints(lab), []);
  t.regex(await peersOf(lab), /\[2001:db8:0:64::c633:640a\]:443/);
});

labTest("in split mode LAN may have IPv6 alone, while WAN has IPv4 alone", async (t) => {
  t.timeout(200_000);
  const lab = await openSplitLab(t, withNetwork(splitNetwork(only6, only4)), {
    networks: labNetworks.lanIpv6,
    targets: false,
  });
  const applianceId = await enrol(lab);
  await callHome(lab, applianceId);
  t.deepEqual(await complaints(lab), []);
  const { role, origins } = await interfaceOf(lab);
  t.is(role, "lan");
  t.deepEqual(origins.sort(), ["dhcpv6", "router"]);
});
