import { readFile } from "node:fs/promises";
import type { MachineRequest } from "../../../image/vm/machine.ts";
import { wan } from "../../../image/vm/networks.ts";
import type { Box } from "./box.ts";

/** The peer's address on the cable, in each VLAN and without a tag. */
export const peerAddress = "192.0.2.1";
const uplinkAddress = "198.51.100.2";
const cableMac = "52:54:00:00:00:11";
const uplinkMac = "52:54:00:00:00:12";
const configd = "/usr/lib/outrider/configd.js";
/** Above any MTU that the appliance can set, so that only its settings limit packets. */
const peerMtu = 9000;

export interface PeerWish {
  cablePath: string;
  tags: readonly number[];
  /** Connections to this port of the peer's reach this machine's loopback. */
  port: number;
}

/**
 * A second machine, on the other end of the cable. It has the same disk, for its kernel and its
 * programs. A program of this test replaces the configuration service there, by a bind mount that
 * systemd-fstab-generator(8) takes from a credential. The machine becomes a neighbour in the
 * untagged network and in each VLAN. Each has a namespace of its own with the same address, so that
 * a packet that arrives in the wrong one gets no answer.
 */
export async function startPeer(box: Box, { cablePath, tags, port }: PeerWish): Promise<void> {
  const request: Partial<MachineRequest> = {
    disk: await box.newDisk("peer"),
    memoryMib: 1024,
    cards: [
      { model: "virtio-net-pci", macAddress: cableMac, cablePath, end: "makes" },
      { model: "virtio-net-pci", macAddress: uplinkMac, ...wan },
    ],
    credentials: {
      // "nofail": the initramfs tries it too, and has nothing to lay it over.
      "fstab.extra": `/run/credentials/@system/peer.service ${configd} none bind,nofail,x-systemd.before=outrider-zero-touch.service 0 0`,
      "peer.service": service,
      "peer.sh": setUp(tags, port),
      "peer.mjs": await readFile(new URL("peer-relay.js", import.meta.url), "utf8"),
    },
  };
  await box.powerOn(request);
}

/** Outside of the confinement that the configuration service has. */
const service = `import { execFileSync } from "node:child_process";
if (process.argv[2] === undefined) {
  execFileSync("systemd-run", ["--unit=peer", "/bin/bash", "-eu", "/run/credentials/@system/peer.sh"]);
  setInterval(() => undefined, 1000);
}
`;

function setUp(tags: readonly number[], port: number): string {
  return `card() { basename "$(dirname "$(grep -l "$1" /sys/class/net/*/address)")"; }
# side NAME CARD ADDRESS FROM TO: a namespace of its own
side() {
  ip -n "$1" address add "$3/24" dev "$2"
  ip -n "$1" link set "$2" up mtu ${peerMtu}
  ip netns exec "$1" /usr/lib/outrider/node /run/credentials/@system/peer.mjs "$4" "$5" &
}
for name in uplink untagged ${tags.join(" ")}; do ip netns add "$name"; done
uplink=$(card ${uplinkMac})
cable=$(card ${cableMac})
ip link set "$uplink" netns uplink
ip link set "$cable" netns untagged
side uplink "$uplink" ${uplinkAddress} /run/peer-uplink ${wan.host}:${port}
side untagged "$cable" ${peerAddress} ${peerAddress}:${port} /run/peer-uplink
for tag in ${tags.join(" ")}; do
  ip -n untagged link add link "$cable" name "tag$tag" type vlan id "$tag"
  ip -n untagged link set "tag$tag" netns "$tag"
  side "$tag" "tag$tag" ${peerAddress} ${peerAddress}:${port} /run/peer-uplink
done
wait
`;
}
