import { segments } from "../../image/lab/addresses.ts";
import { labNetworks } from "../../image/lab/networks.ts";
import type { InterfaceSettings, Settings } from "../../src/settings/model/schema.ts";
import { adviceOn, complaints, interfaceOf, only6 } from "../testkit/lab/agreement.ts";
import { eventually, labTest } from "../testkit/lab/lab.ts";
import { callHome, enrol, startSplitLab, withNetwork } from "../testkit/lab/split-lab.ts";

const single = (lan: Partial<InterfaceSettings>): Settings =>
  withNetwork({ mode: "single", lan: { ...only6, ...lan } });

labTest(
  "with IPv6 alone agent, doctor, status and trial agree that the path works: by router advertisement, static, and with a prefix of one host",
  async (t) => {
    t.timeout(400_000);
    const lab = await startSplitLab(single({}), { targets: false, networks: labNetworks.ipv6 });
    t.teardown(() => lab.stop());
    const { prefix6 } = segments.lan;
    await eventually(
      "a gateway is there",
      async () => (await interfaceOf(lab))?.gateways.length > 0,
    ).catch(async (error) => {
      t.log(
        (
          await lab.appliance.exec(
            [
              "sh",
              "-c",
              "networkctl --json=short list | grep -oE '.{200}NextHopID.{200}'; networkctl --json=short list | tail -c 900",
            ],
            { mayFail: true },
          )
        ).stdout,
      );
      t.log((await lab.appliance.exec(["ip", "-6", "route"])).stdout);
      throw error;
    });
    const applianceId = await enrol(lab);
    const advertised = await interfaceOf(lab);
    t.regex(advertised.gateways[0], /^fe80::\S+%eth0$/);
    t.regex(advertised.dns[0], /^fe80::\S+%eth0$/);
    t.true(advertised.origins.includes("router"));
    t.deepEqual(await complaints(lab), []);
    t.regex(
      (await lab.appliance.exec(["outrider", "status"])).stdout,
      /by router advertisement.*via fe80::/,
    );

    const dns = { servers: [`${prefix6}1`], search: [] };
    const ways: Partial<InterfaceSettings>[] = [
      { ipv6: { method: "static", address: `${prefix6}50/64`, gateway: `${prefix6}1` }, dns },
      { ipv6: { method: "static", address: `${prefix6}51/128`, gateway: `${prefix6}1` }, dns },
    ];
    for (const way of ways) {
      t.is(await adviceOn(lab, single(way)), "keep", JSON.stringify(way));
      t.deepEqual(await complaints(lab), [], JSON.stringify(way));
      t.like(await interfaceOf(lab), { origins: ["static"], gateways: [`${prefix6}1`] });
      await callHome(lab, applianceId);
    }
  },
);
