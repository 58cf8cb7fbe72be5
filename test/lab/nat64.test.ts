import { hosts, nat64 } from "../../image/lab/addresses.ts";
import { labNetworks } from "../../image/lab/networks.ts";
import { complaints, interfaceOf, only6 } from "../testkit/lab/agreement.ts";
import { labTest, openPorts } from "../testkit/lab/lab.ts";
import { callHome, enrol, withNetwork } from "../testkit/lab/split-lab.ts";
import { openSplitLab } from "../testkit/lab/split-lab-open.ts";

const targets = [hosts.web.address6, hosts.ssh.address6];
/** TAYGA's prefix with the platform's address in its last 32 bits (RFC 6052 section 2.2). */
const translated = nat64.prefix.replace(/\/96$/, "c633:640a");

labTest(
  "with IPv6 alone and NAT64 as the only way to the platform the appliance enrols, calls and scans, and the doctor finds nothing wrong",
  async (t) => {
    t.timeout(400_000);
    const lab = await openSplitLab(t, withNetwork({ mode: "single", lan: only6 }), {
      networks: labNetworks.nat64,
    });
    const applianceId = await enrol(lab);
    await callHome(lab, applianceId);
    const { addresses, origins } = await interfaceOf(lab);
    t.false(addresses.some((each: string) => each.includes(".")));
    t.deepEqual(origins.sort(), ["dhcpv6", "router"]);
    t.deepEqual(await complaints(lab), []);
    const connections = await lab.appliance.exec(["ss", "-Htn"]);
    t.true(connections.stdout.includes(`[${translated}]:443`), connections.stdout);

    const scan = await lab.operator.startScan({ applianceId, name: "IPv6", targets });
    const { state } = await lab.operator.waitForScanEnd(scan.id);
    t.is(state, "completed");
    t.deepEqual(
      openPorts(await lab.operator.hosts(scan.id)).map((line) => line.split(" ", 3).join(" ")),
      [`${targets[0]} 80/tcp http`, `${targets[1]} 22/tcp ssh`],
    );
  },
);
