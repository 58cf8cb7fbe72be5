import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

/** RFC 863; nothing is sent there. */
const discardPort = 9;

/** Whether this machine has a route to an address: to connect a UDP socket looks it up, and sends nothing. */
export function hasRoute(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const end = (found: boolean) => {
      socket.close();
      resolve(found);
    };
    socket.once("error", () => end(false));
    // A callback would be called with the error instead.
    socket.once("connect", () => end(true));
    socket.connect(discardPort, address);
  });
}
