import { platformUrl } from "../../image/lab/addresses.ts";
import { eventually, labTest, openLab, type TestLab } from "../testkit/lab/lab.ts";

const ovfEnvironment = (
  properties: Record<string, string>,
) => `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1">
  <PropertySection>
${Object.entries(properties)
  .map(([key, value]) => `    <Property oe:key="${key}" oe:value="${value}"/>`)
  .join("\n")}
  </PropertySection>
</Environment>`;

/** It may be a moment behind systemd's word that everything was started. */
const configdAnswers = (appliance: TestLab["appliance"]) =>
  eventually(
    "configd answers",
    async () => (await appliance.exec(["outrider", "status"], { mayFail: true })).exitCode === 0,
  );

labTest(
  "without an operator: a disc with the OVF environment gives address, platform and code, and the appliance calls home",
  async (t) => {
    t.timeout(300_000);
    // The code is known before the appliance is: its platform is there first.
    const volumes: Record<string, string> = {};
    const lab = await openLab(t, {
      targets: false,
      appliance: {
        given: { volumes, credentials: { "outrider.ntp_servers": "time.outrider.test" } },
      },
    });
    const { code } = await lab.operator.makeActivationCode("zero-touch");
    volumes["OVF-ENV/ovf-env.xml"] = ovfEnvironment({
      platform_url: platformUrl,
      Personalization_Code: code,
      LAN_IP: "192.0.2.60",
      LAN_Netmask: "255.255.255.0",
      LAN_Gateway: "192.0.2.1",
      LAN_DNS_Servers: "192.0.2.1",
      WAN_IP: "not an address",
      Enable_WAN_Interface: "False",
      hostname: "not a name",
    });
    const { appliance, operator } = lab;
    await appliance.start();
    t.deepEqual((await appliance.booted()).failedUnits, []);
    const { id } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
    );
    t.true((await operator.appliance(id)).addresses.includes("192.0.2.60/24"));

    const status = JSON.parse((await appliance.exec(["outrider", "status", "--json"])).stdout);
    t.deepEqual(status.settings.time.servers, ["time.outrider.test"]);
    t.is(status.settings.hostname, "outrider", "one bad value stops nothing");
    t.deepEqual(
      status.zeroTouch.sources.map(({ source }: { source: string }) => source),
      ["machine credentials", "OVF environment"],
    );
    t.like(status.zeroTouch.problems[0], { source: "OVF environment", field: "hostname" });
    t.regex(status.zeroTouch.problems[0].place, /ovf-env\.xml, line \d+/);
    t.regex((await appliance.exec(["outrider", "zero-touch", "show"])).stdout, /NOT USED hostname/);

    const traces = await appliance.exec([
      "sh",
      "-c",
      "journalctl --no-pager; cat /data/outrider/settings/*.* /data/outrider/settings/history/*; ls -R /run/outrider",
    ]);
    t.false(traces.stdout.includes(code), "the code is in no log and no settings");
    t.notRegex(traces.stdout, /zero-touch:$/m, "what was collected is removed when it was read");

    // Not read again by itself, but on request.
    await appliance.kill9();
    await appliance.start();
    await appliance.booted();
    t.is(
      (
        await appliance.exec([
          "systemctl",
          "show",
          "-P",
          "ExecMainStartTimestamp",
          "outrider-zero-touch.service",
        ])
      ).stdout,
      "",
    );
    await configdAnswers(appliance);
    const read = await appliance.exec(["outrider", "zero-touch", "read", "--json"], {
      mayFail: true,
      timeoutMs: 120_000,
    });
    t.is(JSON.parse(read.stdout).trial, null, read.stdout);
  },
);

labTest(
  "a blank LAN_IP is DHCP, and the status says so; a hostile volume stops nothing",
  async (t) => {
    t.timeout(300_000);
    const volumes = {
      "cidata/user-data": "LAN_IP=\nhostname=scanner-9\n",
      "cidata/meta-data": `{${'"a":{'.repeat(5000)}`,
      "STICK/outrider.yaml": "a: &a [x]\nb: [*a, *a]\n",
      "OVF-ENV/ovf-env.xml": '<!DOCTYPE x [<!ENTITY a "aaaa">]><Environment>&a;</Environment>',
    };
    const lab = await openLab(t, {
      platform: false,
      targets: false,
      appliance: { given: { volumes } },
    });
    const { appliance } = lab;
    await appliance.start();
    t.deepEqual((await appliance.booted()).failedUnits, []);
    await eventually(
      "the lease",
      async () =>
        /192\.0\.2\.1\d\d\/24/.test(
          (await appliance.exec(["ip", "-br", "-4", "address", "show", "dev", "eth0"])).stdout,
        ),
      60_000,
    );
    await configdAnswers(appliance);
    const { zeroTouch, settings } = JSON.parse(
      (await appliance.exec(["outrider", "status", "--json"])).stdout,
    );
    t.is(settings.hostname, "scanner-9");
    t.deepEqual(zeroTouch.notes, ["LAN_IP is blank: the address of LAN comes by DHCP."]);
    t.is(zeroTouch.problems.length, 3, JSON.stringify(zeroTouch.problems));
    for (const { source, place } of zeroTouch.problems) t.not(`${source}${place}`, "");
  },
);
