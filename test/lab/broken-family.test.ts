import { hosts } from "../../image/lab/addresses.ts";
import { labNetworks } from "../../image/lab/networks.ts";
import type { Settings } from "../../src/settings/model/schema.ts";
import { complaints } from "../testkit/lab/agreement.ts";
import { labTest } from "../testkit/lab/lab.ts";
import { nft } from "../testkit/lab/lab-network.ts";
import { runDoctor } from "../testkit/lab/proxies.ts";
import {
  addressed,
  automatic,
  callHome,
  enrol,
  type SplitLab,
  splitNetwork,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";

const single = withNetwork({ mode: "single", lan: automatic });
const split = withNetwork(splitNetwork(automatic, automatic));

async function servicesOf(lab: SplitLab): Promise<string[]> {
  const { results } = await runDoctor(lab);
  return results.filter(({ id }) => /^service:/.test(id)).map(({ detail }) => detail);
}

const rows: readonly [string, keyof typeof labNetworks, Settings][] = [
  ["dropped, one card", "ipv6Dropped", single],
  ["dropped, split", "ipv6Dropped", split],
  ["refused, split", "ipv6Refused", split],
];
for (const [title, networks, settings] of rows)
  labTest(
    `with both families and IPv6 that leads nowhere (${title}) the appliance calls over IPv4, and nothing is wrong`,
    async (t) => {
      t.timeout(200_000);
      const lab = await openSplitLab(t, settings, {
        networks: labNetworks[networks],
        targets: false,
      });
      await addressed(lab, settings === split ? ["eth0", "eth1"] : ["eth0"]);
      const applianceId = await enrol(lab);
      await callHome(lab, applianceId);
      t.deepEqual(await complaints(lab), []);
      const { stdout } = await lab.appliance.exec(["ss", "-Htn", "dport", "=", ":443"]);
      t.regex(stdout, /198\.51\.100\.10:443/);
      t.notRegex(stdout, /\[/);
    },
  );

labTest(
  "when IPv4 leads nowhere any more, the call goes over IPv6, and the doctor says that it does",
  async (t) => {
    t.timeout(200_000);
    const lab = await openSplitLab(t, split, { networks: labNetworks.dual, targets: false });
    await addressed(lab);
    const applianceId = await enrol(lab);
    for (const said of await servicesOf(lab)) t.notRegex(said, /did not accept/);

    const { address, address6 } = hosts.platform;
    await nft(
      lab,
      `table ip broken {\n chain input {\n type filter hook input priority 0;\n tcp dport 443 drop\n }\n}`,
      "platform",
    );
    await callHome(lab, applianceId);
    t.deepEqual(await complaints(lab), []);
    const services = await servicesOf(lab);
    t.is(services.length, 5);
    for (const said of services)
      t.true(said.includes(`connected to ${address6} port 443; ${address} did not accept`), said);
  },
);
