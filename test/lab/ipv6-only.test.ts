import { segments } from "../../image/lab/addresses.ts";
import {
  defaultInterface,
  type InterfaceSettings,
  type Settings,
} from "../../src/settings/model/schema.ts";
import { eventually, labTest } from "../testkit/lab/lab.ts";
import {
  callConfigd,
  callHome,
  enrol,
  type SplitLab,
  startSplitLab,
  withNetwork,
} from "../testkit/lab/split-lab.ts";

const only6: InterfaceSettings = {
  ...defaultInterface,
  ipv4: { method: "off" },
  ipv6: { method: "automatic" },
};
const single = (lan: Partial<InterfaceSettings>): Settings =>
  withNetwork({ mode: "single", lan: { ...only6, ...lan } });

/** The results that are neither ok nor skipped. */
async function complaints({ appliance }: SplitLab): Promise<string[]> {
  const { stdout } = await appliance.exec(["outrider", "doctor", "--json"], {
    mayFail: true,
    timeoutMs: 60_000,
  });
  const { results } = JSON.parse(stdout);
  const lines: string[] = results.map(
    ({ id, outcome, code, detail }: Record<string, string>) =>
      `${id} ${outcome} ${code ?? ""} ${detail}`,
  );
  return lines.filter((line) => !/^\S+ (?:ok|skipped) /.test(line) || /beyond/.test(line));
}

/** null while configd does not answer yet. */
async function statusOf({ appliance }: SplitLab) {
  const { exitCode, stdout } = await appliance.exec(["outrider", "status", "--json"], {
    mayFail: true,
  });
  return exitCode === 0 ? JSON.parse(stdout) : null;
}

async function eth0Of(lab: SplitLab) {
  const status = await statusOf(lab);
  return status?.interfaces.find(({ name }: { name: string }) => name === "eth0");
}

/** Tries the settings, and keeps them when the checks are made. Returns what they advised. */
async function adviceOn(lab: SplitLab, settings: Settings): Promise<unknown> {
  await callConfigd(lab, "try", { settings });
  await eventually(
    "the trial is checked",
    async () => (await statusOf(lab))?.trial?.phase === "waiting",
    90_000,
  );
  const { id, advice } = (await statusOf(lab)).trial;
  await callConfigd(lab, "keep", { id });
  return advice;
}

labTest(
  "with IPv6 alone agent, doctor, status and trial agree that the path works: by router advertisement, static, and with a prefix of one host",
  async (t) => {
    t.timeout(400_000);
    const lab = await startSplitLab(single({}), { targets: false, ipv4: false });
    t.teardown(() => lab.stop());
    const { prefix6 } = segments.lan;
    await eventually(
      "a gateway is there",
      async () => (await eth0Of(lab))?.gateways.length > 0,
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
    const advertised = await eth0Of(lab);
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
      t.like(await eth0Of(lab), { origins: ["static"], gateways: [`${prefix6}1`] });
      await callHome(lab, applianceId);
    }
  },
);
