import { X509Certificate } from "node:crypto";
import { type ApplianceCard, applianceCards, platformUrl } from "../../image/lab/addresses.ts";
import { Appliance } from "../../image/lab/appliance.ts";
import { labNetworks } from "../../image/lab/networks.ts";
import { openTerminal } from "../../image/terminal/terminal.ts";
import { interfaceOf, statusOf } from "../testkit/lab/agreement.ts";
import { eventually, labTest, openBootedLab, type TestLab } from "../testkit/lab/lab.ts";
import { agentView } from "../testkit/lab/proxies.ts";
import {
  addressed,
  automatic,
  callHome,
  change,
  enrol,
  giveCode,
  withNetwork,
} from "../testkit/lab/split-lab.ts";

const { eth0 } = applianceCards;
const copiedCard: ApplianceCard = { ...eth0, macAddress: "52:54:00:0a:00:c1" };

/** The lab as the copy's tests see it. */
function copyIn(lab: TestLab): TestLab {
  const appliance = new Appliance(
    lab.namespaces,
    ([command, ...args]) => openTerminal({ command, args, cols: 80, rows: 24 }),
    { name: "copy", cards: [copiedCard] },
  );
  return { ...lab, appliance };
}

/** The device key's public part, by the certificate. */
async function deviceKey({ appliance }: TestLab): Promise<string> {
  const { stdout } = await appliance.exec(["cat", "/data/outrider/identity/identity.json"]);
  const { publicKey } = new X509Certificate(JSON.parse(stdout).certificate);
  return publicKey.export({ format: "pem", type: "spki" }).toString();
}

labTest(
  "two appliances of one disk, cloned while it ran, get different addresses of both families; the copy is told that it is one, enrols anew with a key of its own, and the original goes on",
  async (t) => {
    t.timeout(400_000);
    const original = await openBootedLab(t, {
      networks: labNetworks.dual,
      targets: false,
      appliance: { cards: [eth0] },
    });
    await eventually("configd answers", async () => (await statusOf(original)) !== null);
    await change(original, withNetwork({ mode: "single", lan: automatic }));
    await addressed(original, ["eth0"]);
    const applianceId = await enrol(original);
    await callHome(original, applianceId);

    const copy = copyIn(original);
    await original.namespaces.script(`cp -a /run/lab/data ${copy.appliance.dataFolder}`);
    await copy.appliance.start();
    await copy.appliance.booted();
    await addressed(copy, ["eth0"]);
    const machineIds = await Promise.all(
      [original, copy].map(({ appliance }) => appliance.exec(["cat", "/etc/machine-id"])),
    );
    t.is(machineIds[0]?.stdout, machineIds[1]?.stdout, "they are of one disk");
    await eventually("leases of DHCPv6", async () =>
      (await Promise.all([original, copy].map((each) => interfaceOf(each)))).every((each) =>
        each.origins.includes("dhcpv6"),
      ),
    );
    const [first, second] = await Promise.all([original, copy].map((each) => interfaceOf(each)));
    t.is(first.addresses.length, 3);
    for (const address of first.addresses) t.false(second.addresses.includes(address), address);
    t.like(second, { standsFor: eth0.macAddress, role: "lan" });

    // Both call by turns, as they would every three minutes.
    await eventually(
      "the platform refuses the copy",
      async () => {
        for (const { appliance } of [original, copy])
          await appliance.exec(["outrider", "call"], { mayFail: true });
        return (await agentView(copy)).failure?.code === "appliance-copy";
      },
      120_000,
    );
    await callHome(original, applianceId);
    const said = (await copy.appliance.exec(["outrider", "status"])).stdout;
    t.regex(said, /copy of another one that is in use: enrol it anew/);
    t.regex(said, /taken the place.*instead of 52:54:00:0a:00:01/);

    const before = await deviceKey(original);
    t.is(await deviceKey(copy), before);
    const { code } = await original.operator.makeActivationCode("copy");
    await giveCode(copy, platformUrl, code);
    const { id } = await original.operator.waitForAppliance(
      (each) => each.id !== applianceId && each.heartbeatAt !== null,
      "the copy's own heartbeat",
      120_000,
    );
    await callHome(copy, id);
    await callHome(original, applianceId);
    t.is(await deviceKey(original), before);
    t.not(await deviceKey(copy), before);
  },
);
