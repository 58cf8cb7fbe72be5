import test from "ava";
import { missingTool, titled } from "../../testkit/image/tools.ts";
import {
  bootTimeoutMs,
  startTimeoutMs,
  unpackBox,
  waitForAll,
  waitForConsole,
  whyNotHere,
} from "./box.ts";
import { makeDisc } from "./discs.ts";
import { RunRecord } from "./run-record.ts";

const missing = whyNotHere("bios") ?? missingTool("xorrisofs", "xorriso");
(missing ? test.skip : test)(
  titled(
    "without an operator: two discs, fw_cfg and SMBIOS give address, name, platform and code; wrong values are shown and stop nothing",
    missing,
  ),
  async (t) => {
    t.timeout(60 * 60_000);
    const record = await RunRecord.begin(
      t,
      "zero-touch",
      "Set up without an operator: NoCloud and OVF discs, fw_cfg, SMBIOS",
    );
    const box = await unpackBox(t, { firmware: "bios", controller: "lsi53c895a", card: "e1000" });
    const { platform, operator } = box;
    const { code } = await operator.makeActivationCode("the image's zero-touch");
    const cloudConfig =
      "#cloud-config\nhostname: scanner-7\noutrider:\n  lan_address: 192.0.2.77/24\n  lan_gateway: 192.0.2.1\n  ntp_servers: time!server\n";
    const property = (key: string, value: string) =>
      `<Property oe:key="${key}" oe:value="${value}"/>`;
    const discs = [
      await makeDisc(box.folder, "cidata", {
        "user-data": cloudConfig,
        "meta-data": "instance-id: scanner-7\n",
      }),
      await makeDisc(box.folder, "OVF_ENV", {
        "ovf-env.xml": `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"><PropertySection>
${property("Personalization_Code", code)}${property("Enable_WAN_Interface", "False")}${property("WAN_IP", "")}
</PropertySection></Environment>
`,
      }),
    ];
    record.poweredOn();
    const machine = await box.powerOn({
      discs,
      firmwareConfiguration: { "opt/outrider/platform_url": platform.url },
      credentials: { "outrider.lan_dns": "192.0.2.1" },
      // The appliance asks for VMware's variables, and this hypervisor has none.
      maker: "VMware, Inc.",
    });
    await waitForConsole(machine);
    await record.step("console on the serial port", machine.serial.screen());
    const { id } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
      bootTimeoutMs,
    );
    const appliance = await operator.appliance(id);
    t.true(appliance.addresses.includes("192.0.2.77/24"), appliance.addresses.join());
    await waitForAll(
      machine,
      [/scanner-7/, /192\.0\.2\.77\/24 \(static\)/, /ntp_servers/, /NoCloud/, /line\s+6/],
      startTimeoutMs,
    );
    await record.step("heartbeat, and no key was pressed", machine.serial.screen());
    t.false(machine.serial.output().includes(code));
    await record.end();
  },
);
