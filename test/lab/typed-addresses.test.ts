import { hosts } from "../../image/lab/addresses.ts";
import { labNetworks } from "../../image/lab/networks.ts";
import { defaultHttpProxy, type Settings } from "../../src/settings/model/schema.ts";
import { complaints, only6 } from "../testkit/lab/agreement.ts";
import { eventually, labTest } from "../testkit/lab/lab.ts";
import { agentView, callHome as askToCall, runDoctor } from "../testkit/lab/proxies.ts";
import {
  callHome,
  change,
  enrol,
  giveCode,
  type SplitLab,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";

const direct = withNetwork({ mode: "single", lan: only6 });
const through = (host: string): Settings => ({
  ...direct,
  proxy: { ...defaultHttpProxy, host, port: 3128, authentication: "none" },
});

/** The doctor's first failure, and the agent's. */
async function failures(lab: SplitLab) {
  const { failed } = await runDoctor(lab);
  const { failure } = await agentView(lab);
  return {
    doctor: failed && { id: failed.id, code: failed.code, detail: failed.detail },
    agent: failure && { code: failure.code, detail: failure.detail },
  };
}

labTest(
  "with IPv6 alone and NAT64, IPv4 addresses that were typed are named as what is wrong, and names in their place cure it",
  async (t) => {
    t.timeout(300_000);
    const lab = await openSplitLab(t, direct, {
      networks: labNetworks.nat64,
      targets: false,
      proxy: {},
    });
    const { address } = hosts.platform;
    const { code } = await lab.operator.makeActivationCode("lab");
    await giveCode(lab, `https://${address}`, code);
    // The very first try may come before the card has its address, and fails for that.
    await eventually(
      "enrolment fails for the family",
      async () => (await agentView(lab)).failure?.code === "family-missing",
    );
    const detail = `${address} is an IPv4 address, and this appliance has IPv6 alone`;
    t.deepEqual(await failures(lab), {
      doctor: { id: "service:platform", code: "family-missing", detail },
      agent: { code: "family-missing", detail },
    });
    const applianceId = await enrol(lab);
    t.deepEqual(await complaints(lab), []);

    const { address: proxy } = hosts.proxy;
    await change(lab, through(proxy));
    await askToCall(lab);
    const proxyDetail = `${proxy} is an IPv4 address, and this appliance has IPv6 alone`;
    t.deepEqual(await failures(lab), {
      doctor: { id: "proxy", code: "family-missing", detail: proxyDetail },
      agent: { code: "family-missing", detail: proxyDetail },
    });
    await change(lab, through("proxy.outrider.test"));
    await callHome(lab, applianceId);
    t.deepEqual(await complaints(lab), []);
  },
);

labTest(
  "with IPv6 alone a proxy that has both families leads to a platform of IPv4 alone, by its name and by its address; directly there is no way",
  async (t) => {
    t.timeout(300_000);
    const lab = await openSplitLab(t, through("proxy.outrider.test"), {
      networks: labNetworks.proxyToIpv4,
      targets: false,
      proxy: {},
    });
    const applianceId = await enrol(lab);
    await callHome(lab, applianceId);
    t.deepEqual(await complaints(lab), []);
    await change(lab, through(hosts.proxy.address6));
    await callHome(lab, applianceId);
    t.deepEqual(await complaints(lab), []);

    await change(lab, direct);
    await askToCall(lab);
    const { doctor, agent } = await failures(lab);
    t.like(doctor, { code: "family-missing" });
    t.like(agent, { code: "family-missing" });
  },
);
