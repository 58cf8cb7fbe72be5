import type { HostName } from "../../../image/lab/addresses.ts";
import type { Namespaces } from "../../../image/lab/namespaces.ts";
import { parseAddress } from "../../../src/base/addresses/address.ts";

/** Where a frame comes from and goes to; all of it can be invented. */
export interface Ends {
  fromMac: string;
  toMac: string;
  from: string;
  to: string;
}

const etherTypes = { 4: 0x0800, 6: 0x86dd } as const;
export const protocols = { icmp: 1, igmp: 2, tcp: 6, udp: 17, fragment: 44, icmp6: 58 } as const;

/** An Ethernet frame with one IP packet. `ip4` is what RFC 791 has in bytes 6 and 7: flags, offset. */
export function frame(
  { fromMac, toMac, from, to }: Ends,
  protocol: number,
  payload: Buffer,
  ip4: { flagsAndOffset?: number; id?: number; ttl?: number } = {},
): Buffer {
  const source = bytesOf(from);
  const destination = bytesOf(to);
  const family = source.length === 4 ? 4 : 6;
  const header =
    family === 4
      ? header4(source, destination, protocol, payload.length, ip4)
      : header6(source, destination, protocol, payload.length, ip4.ttl);
  const type = Buffer.alloc(2);
  type.writeUInt16BE(etherTypes[family]);
  return Buffer.concat([macOf(toMac), macOf(fromMac), type, header, payload]);
}

function header4(
  source: Buffer,
  destination: Buffer,
  protocol: number,
  length: number,
  { flagsAndOffset = 0, id = 1, ttl = 64 }: { flagsAndOffset?: number; id?: number; ttl?: number },
): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(flagsAndOffset, 6);
  header[8] = ttl;
  header[9] = protocol;
  source.copy(header, 12);
  destination.copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return header;
}

/** RFC 4861 takes neighbour and router discovery with a hop limit of 255 only. */
function header6(
  source: Buffer,
  destination: Buffer,
  next: number,
  length: number,
  hopLimit = 255,
): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 0x60;
  header.writeUInt16BE(length, 4);
  header[6] = next;
  header[7] = hopLimit;
  return Buffer.concat([header, source, destination]);
}

/** An ICMP message of either family, with its checksum. */
export function icmp(
  { from, to }: Pick<Ends, "from" | "to">,
  type: number,
  code: number,
  rest: Buffer,
): Buffer {
  const message = Buffer.concat([Buffer.from([type, code, 0, 0]), rest]);
  const pseudo = from.includes(":") ? pseudoHeader(from, to, protocols.icmp6, message.length) : [];
  message.writeUInt16BE(checksum(Buffer.concat([...pseudo, message])), 2);
  return message;
}

/** A UDP datagram; without a checksum in IPv4 (RFC 768), with one in IPv6. */
export function udp(
  { from, to }: Pick<Ends, "from" | "to">,
  [sourcePort, port]: readonly [number, number],
  data: Buffer,
): Buffer {
  const datagram = Buffer.concat([Buffer.alloc(8), data]);
  datagram.writeUInt16BE(sourcePort, 0);
  datagram.writeUInt16BE(port, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  if (from.includes(":"))
    datagram.writeUInt16BE(
      checksum(
        Buffer.concat([...pseudoHeader(from, to, protocols.udp, datagram.length), datagram]),
      ),
      6,
    );
  return datagram;
}

/** A TCP segment without data. */
export function tcp(
  { from, to }: Pick<Ends, "from" | "to">,
  [sourcePort, port]: readonly [number, number],
  flags: number,
): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(sourcePort, 0);
  segment.writeUInt16BE(port, 2);
  segment.writeUInt32BE(1, 4);
  segment.writeUInt32BE(1, 8);
  segment[12] = 0x50;
  segment[13] = flags;
  segment.writeUInt16BE(1024, 14);
  const pseudo = from.includes(":")
    ? pseudoHeader(from, to, protocols.tcp, segment.length)
    : [bytesOf(from), bytesOf(to), Buffer.from([0, protocols.tcp, 0, segment.length])];
  segment.writeUInt16BE(checksum(Buffer.concat([...pseudo, segment])), 16);
  return segment;
}

/** RFC 2711: the option that every message of multicast listener discovery has. */
export function routerAlert6(next: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([next, 0, 5, 2, 0, 0, 1, 0]), data]);
}

/** The header of the first fragment of a packet whose others never come (RFC 8200 section 4.5). */
function firstFragment6(next: number, id: number, data: Buffer): Buffer {
  const header = Buffer.from([next, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(id, 4);
  return Buffer.concat([header, data]);
}

/** RFC 8200 section 8.1. */
function pseudoHeader(from: string, to: string, next: number, length: number): Buffer[] {
  const tail = Buffer.alloc(8);
  tail.writeUInt32BE(length, 0);
  tail[7] = next;
  return [bytesOf(from), bytesOf(to), tail];
}

/** First fragments of UDP datagrams whose rest never comes. */
export function incompleteFragments(ends: Ends, count: number): Buffer[] {
  const datagram = udp(ends, [9, 9], Buffer.alloc(64, "x"));
  return Array.from({ length: count }, (_, index) =>
    ends.to.includes(":")
      ? frame(ends, protocols.fragment, firstFragment6(protocols.udp, index + 1, datagram))
      : frame(ends, protocols.udp, datagram, { flagsAndOffset: 0x2000, id: index + 1 }),
  );
}

/** RFC 1071. */
export function checksum(data: Buffer): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export function bytesOf(text: string): Buffer {
  const address = parseAddress(text);
  if (address === null) throw new Error(`${text} is no address`);
  const length = address.family === 4 ? 4 : 16;
  return Buffer.from(address.value.toString(16).padStart(length * 2, "0"), "hex");
}

function macOf(text: string): Buffer {
  return Buffer.from(text.replaceAll(":", ""), "hex");
}

/** Sends frames out of the only card of a host, as they are (packet(7), netdevice(7)). */
const sender = `
use strict; use Socket;
socket(my $socket, 17, SOCK_RAW, 0) or die "socket: $!";
my $request = pack("a16 x24", $ARGV[0]);
ioctl($socket, 0x8933, $request) or die "$ARGV[0]: $!";
my (undef, $index) = unpack("a16 i", $request);
while (my $line = <STDIN>) {
  chomp $line;
  send($socket, pack("H*", $line), 0, pack("S n i S C C x8", 17, 0, $index, 1, 0, 6)) or die "send: $!";
}`;

export async function sendFrames(
  namespaces: Namespaces,
  host: HostName | "router",
  frames: readonly Buffer[],
  device = "eth0",
): Promise<void> {
  await namespaces.runPeer(["perl", "-e", sender, device], {
    host,
    input: frames.map((each) => `${each.toString("hex")}\n`).join(""),
  });
}
