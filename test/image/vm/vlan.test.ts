import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { applyOnTrial, goHome, keepTrial, reviewVlan } from "../../../image/lab/console-keys.ts";
import { poll } from "../../../image/lab/operator.ts";
import { wan } from "../../../image/vm/networks.ts";
import { titled } from "../../testkit/image/tools.ts";
import {
  bootTimeoutMs,
  startTimeoutMs,
  unpackBox,
  waitForAll,
  waitForConsole,
  whyNotHere,
} from "./box.ts";
import { type Frame, readCapture } from "./capture.ts";
import { peerAddress, startPeer } from "./peer.ts";
import { RunRecord } from "./run-record.ts";

const ownMac = "52:54:00:00:00:01";
const ethernetMtu = 1500;

interface Link {
  /** Null without a VLAN. */
  tag: number | null;
  mtu: number;
}

const missing = whyNotHere("bios");
(missing ? test.skip : test)(
  titled(
    "two machines talk by a VLAN with the tag and the MTU of the settings, which change and go away without a restart",
    missing,
  ),
  async (t) => {
    t.timeout(60 * 60_000);
    const record = await RunRecord.begin(t, "vlan", "VLAN and MTU between two machines");
    const box = await unpackBox(t, {
      firmware: "bios",
      controller: "virtio-blk-pci",
      card: "virtio-net-pci",
    });
    const { platform, operator } = box;
    const cablePath = join(box.folder, "cable");
    const capturePath = join(box.folder, "cable.pcap");
    const { code } = await operator.makeActivationCode("the image's VLANs");
    record.poweredOn();
    const peerPort = Number(new URL(platform.url).port);
    await startPeer(box, { cablePath, tags: [42, 43], port: peerPort });
    const machine = await box.powerOn({
      cards: [
        { model: "virtio-net-pci", cablePath, end: "takes", capturePath },
        { model: "virtio-net-pci", ...wan },
      ],
      credentials: {
        "outrider.lan_vlan": "42",
        "outrider.lan_mtu": "9000",
        "outrider.lan_address": "192.0.2.10/24",
        "outrider.lan_gateway": peerAddress,
        "outrider.lan_dns": peerAddress,
        "outrider.platform_url": platform.url,
        "outrider.activation_code": code,
      },
    });
    const { serial } = machine;
    const step = (what: string) => record.step(what, serial.screen());
    await waitForConsole(machine);
    await step("console on the serial port");
    const { id } = await operator.waitForAppliance(
      ({ heartbeatAt }) => heartbeatAt !== null,
      "the first heartbeat",
      bootTimeoutMs,
    );
    await waitForAll(machine, [/^ *LAN +lan .*192\.0\.2\.10\/24/m], startTimeoutMs);
    await step("heartbeat by VLAN 42 with an MTU of 9000");
    assertFrames(t, await readCapture(capturePath), { tag: 42, mtu: 9000 });

    const changeTo = async (link: Link): Promise<string> => {
      await goHome(serial);
      await reviewVlan(serial, { vlan: String(link.tag ?? ""), mtu: String(link.mtu) });
      await applyOnTrial(serial);
      await keepTrial(serial);
      const { heartbeatAt: before } = await operator.appliance(id);
      const earlier = (await readCapture(capturePath)).length;
      await goHome(serial);
      await serial.press("c");
      await poll(
        async () => ((await operator.appliance(id)).heartbeatAt === before ? undefined : true),
        "a heartbeat after the change",
        bootTimeoutMs,
      );
      const home = await waitForAll(machine, [/^ *LAN .*192\.0\.2\.10\/24/m], startTimeoutMs);
      assertFrames(t, (await readCapture(capturePath)).slice(earlier), link);
      return home;
    };
    const tagged = await changeTo({ tag: 43, mtu: 1400 });
    t.regex(tagged, /^ *LAN +lan /m);
    await step("heartbeat by VLAN 43 with an MTU of 1400");
    const untagged = await changeTo({ tag: null, mtu: ethernetMtu });
    t.notRegex(untagged, /^ *\S+ +lan /m, "the VLAN's device is gone");
    await step("heartbeat without a tag");
    // QEMU would have ended with a restart.
    t.is(await Promise.race([serial.exit, Promise.resolve("runs")]), "runs");
    await record.end();
  },
);

function assertFrames(t: ExecutionContext, frames: readonly Frame[], { tag, mtu }: Link): void {
  const own = frames.filter(({ from }) => from === ownMac);
  t.deepEqual([...new Set(own.map((frame) => frame.tag))], [tag]);
  const sizes = frames
    .filter(({ from, to }) => from === ownMac || to === ownMac)
    .map(({ packetBytes }) => packetBytes);
  t.log(`${own.length} frames of its own, the largest packet ${Math.max(...sizes)} bytes`);
  t.true(Math.max(...sizes) <= mtu, "none is larger than the MTU");
  if (mtu > ethernetMtu)
    t.true(Math.max(...sizes) > ethernetMtu, "some are larger than Ethernet's usual MTU");
  t.deepEqual(
    own.filter(({ fragment }) => fragment),
    [],
  );
}
