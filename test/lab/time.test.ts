import { join } from "node:path";
import { projectFolder } from "../../image/root/system-layer.ts";
import { labTest } from "../testkit/lab/lab.ts";
import {
  addressed,
  splitNetwork,
  staticLan,
  staticWan,
  until,
  withNetwork,
} from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";
import { strangers, wireCounts } from "../testkit/lab/wire-count.ts";

/**
 * Answers as an NTP server of stratum 2 does (RFC 5905, section 7.3), on every address of its host,
 * and prints the clients' addresses.
 */
const timeServer = `
const socket = require("node:dgram").createSocket("udp4");
const stamp = (reply, at) => { const now = Date.now() / 1000 + 2208988800; reply.writeUInt32BE(Math.floor(now), at); reply.writeUInt32BE(Math.floor((now % 1) * 2 ** 32), at + 4); };
socket.on("message", (request, { address, port }) => {
  const reply = Buffer.alloc(48);
  reply[0] = 0x24; reply[1] = 2; reply[2] = request[2]; reply[3] = 0xec;
  reply.write("LOCL", 12, "latin1");
  for (const at of [16, 32, 40]) stamp(reply, at);
  request.copy(reply, 24, 40, 48);
  socket.send(reply, port, address);
  console.log("asked from " + address + " mode " + (request[0] & 7));
});
socket.bind(123, () => console.log("ready"));`;

labTest(
  "in split mode the time is asked of the servers that are set, by WAN alone, and the status says when one was heard",
  async (t) => {
    t.timeout(200_000);
    const settings = {
      ...withNetwork(splitNetwork(staticLan, staticWan)),
      time: { servers: ["198.51.100.1"] },
    };
    const lab = await openSplitLab(t, settings, { platform: false, targets: false });
    const { appliance, namespaces } = lab;
    const server = namespaces.spawn(
      "time",
      [join(projectFolder, "node_modules/.bin/node"), "-e", timeServer],
      { host: "router" },
    );
    await server.waitForOutput("ready");
    await addressed(lab);
    const synchronized = async () =>
      JSON.parse((await appliance.exec(["outrider", "status", "--json"])).stdout).clock
        .synchronized === true;
    t.false(await synchronized());
    // The container may not set the host's clock, so that timesyncd does not start in it by itself,
    // and can only ask.
    const dropIn =
      "[Unit]\nConditionVirtualization=\nConditionCapability=\n[Service]\nAmbientCapabilities=\nCapabilityBoundingSet=\n";
    const folder = "/run/systemd/system/systemd-timesyncd.service.d";
    await appliance.exec(
      [
        "sh",
        "-c",
        `mkdir -p ${folder} && cat >${folder}/lab.conf && systemctl daemon-reload && systemctl restart systemd-timesyncd`,
      ],
      {
        input: dropIn,
      },
    );
    const told = async () =>
      (
        await appliance.exec([
          "systemctl",
          "show",
          "--property=StatusText",
          "--value",
          "systemd-timesyncd",
        ])
      ).stdout;
    await until(
      "the time server was heard",
      async () => (await told()).includes("198.51.100.1:123"),
      60_000,
    );
    t.deepEqual(
      [...new Set(server.output().match(/asked from .*/g))],
      ["asked from 198.51.100.50 mode 3"],
    );
    const { lan_other, wan_other, wan_management } = await wireCounts(namespaces);
    t.deepEqual([lan_other, wan_other], [0, 0], await strangers(namespaces));
    t.true(wan_management > 0);
    await until("the status says so", synchronized);
  },
);
