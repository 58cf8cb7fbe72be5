import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";

const dnsPort = 53;

export interface DnsRelay {
  /** Of this machine, as 127.0.0.1:40000. */
  address: string;
  close(): void;
}

/**
 * Passes the datagrams of one resolver on to a DNS server with a zone, as fe80::53%eth0. Node gives
 * c-ares the address without its zone (cares_wrap.cc, SetServers), and the kernel then sends nothing:
 * RFC 4007 section 6 wants a zone for a link-local address.
 */
export async function relayTo(server: string, port = dnsPort): Promise<DnsRelay> {
  const inside = createSocket("udp4");
  const outside = createSocket("udp6");
  let asker: RemoteInfo | null = null;
  // What is lost here is silence to the resolver, which it reports.
  for (const socket of [inside, outside]) socket.on("error", () => undefined);
  inside.on("message", (question, from) => {
    asker = from;
    outside.send(question, port, server, () => undefined);
  });
  outside.on("message", (answer) => {
    if (asker !== null) inside.send(answer, asker.port, asker.address);
  });
  inside.bind(0, "127.0.0.1");
  await once(inside, "listening");
  return {
    address: `127.0.0.1:${inside.address().port}`,
    close: () => {
      inside.close();
      outside.close();
    },
  };
}
