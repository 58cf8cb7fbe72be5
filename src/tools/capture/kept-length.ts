import { keptOfTcp, type Seen } from "./kept-tcp.ts";

/**
 * How much of a captured packet is kept, from its beginning. Headers are, and what the network says
 * of itself: ARP, neighbour discovery, DNS, DHCP, time, LLDP, and the hellos of TLS. Contents are
 * not: a login at a proxy is in the clear there (Basic, RFC 7617; SOCKS5, RFC 1929) or can be tried
 * out at leisure (Digest, NTLM, Kerberos). Which host and port a proxy has is not asked, since a PAC
 * file may name any; so whatever is not known to be harmless is cut off.
 */
export function keptLength(packet: Uint8Array, seen: Seen): number {
  return Math.min(packet.length, keptOfEthernet(new Packet(packet, seen)));
}

/** A packet of which no more than its beginning may be there. */
class Packet {
  readonly bytes: Uint8Array;
  readonly seen: Seen;

  constructor(bytes: Uint8Array, seen: Seen) {
    this.bytes = bytes;
    this.seen = seen;
  }

  /** 0 beyond the end, where `has` is false. */
  byte(at: number): number {
    return this.bytes[at] ?? 0;
  }

  word(at: number): number {
    return this.byte(at) * 256 + this.byte(at + 1);
  }

  has(end: number): boolean {
    return end <= this.bytes.length;
  }
}

const ethertypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, lldp: 0x88cc } as const;
const vlanTags = [0x8100, 0x88a8];
const protocols = { icmp: 1, igmp: 2, tcp: 6, udp: 17, icmp6: 58 } as const;

function keptOfEthernet(packet: Packet): number {
  let at = 12;
  for (let tags = 0; tags < 2 && vlanTags.includes(packet.word(at)); tags++) at += 4;
  const start = at + 2;
  switch (packet.word(at)) {
    case ethertypes.ipv4:
      return keptOfIpv4(packet, start, false);
    case ethertypes.ipv6:
      return keptOfIpv6(packet, start, false);
    case ethertypes.arp:
      packet.seen.count("arp");
      // RFC 826; what follows is padding, which can be of another packet (CVE-2003-0001).
      return start + 28;
    case ethertypes.lldp:
      packet.seen.count("other");
      return packet.bytes.length;
    default:
      packet.seen.count("other");
      return start;
  }
}

/** `quoted`: it stands in an ICMP error, which quotes the packet that it is about. */
function keptOfIpv4(packet: Packet, start: number, quoted: boolean): number {
  const headerLength = (packet.byte(start) & 0x0f) * 4;
  const contents = start + headerLength;
  const isHeader = packet.byte(start) >> 4 === 4 && headerLength >= 20;
  if (!isHeader || !packet.has(contents)) return start;
  const fragment = packet.word(start + 6);
  if ((fragment & 0x1fff) !== 0) return contents;
  // A card that cuts large packets itself leaves the length 0.
  const length = packet.word(start + 2);
  const end = length === 0 ? packet.bytes.length : start + length;
  return keptOfProtocol(packet, packet.byte(start + 9), contents, end, quoted);
}

const extensionHeaders = [0, 43, 60];
const fragmentHeader = 44;

function keptOfIpv6(packet: Packet, start: number, quoted: boolean): number {
  let at = start + 40;
  if (packet.byte(start) >> 4 !== 6 || !packet.has(at)) return start;
  const end = at + packet.word(start + 4);
  let next = packet.byte(start + 6);
  for (let headers = 0; headers < 8; headers++) {
    if (!packet.has(at + 8)) break;
    if (next === fragmentHeader) {
      if ((packet.word(at + 2) & 0xfff8) !== 0) return at + 8;
      next = packet.byte(at);
      at += 8;
    } else if (extensionHeaders.includes(next)) {
      next = packet.byte(at);
      at += (packet.byte(at + 1) + 1) * 8;
    } else break;
  }
  return packet.has(at) ? keptOfProtocol(packet, next, at, end, quoted) : start + 40;
}

function keptOfProtocol(
  packet: Packet,
  protocol: number,
  start: number,
  end: number,
  quoted: boolean,
): number {
  const whole = Math.min(end, packet.bytes.length);
  switch (protocol) {
    case protocols.tcp:
      return Math.min(whole, keptOfTcp(packet.bytes, start, whole, packet.seen, quoted));
    case protocols.udp:
      return Math.min(whole, keptOfUdp(packet, start, whole, quoted));
    case protocols.icmp:
      return Math.min(whole, quoted ? start + 8 : keptOfIcmp(packet, start, whole));
    case protocols.icmp6:
      return Math.min(whole, quoted ? start + 8 : keptOfIcmp6(packet, start, whole));
    case protocols.igmp:
      return whole;
    default:
      if (!quoted) packet.seen.count("other");
      return start;
  }
}

/** DNS, DHCP, time, DHCPv6, mDNS, LLMNR: the network's own talk, in which nobody logs in. */
const openPorts = [53, 67, 68, 123, 546, 547, 5353, 5355];

function keptOfUdp(packet: Packet, start: number, end: number, quoted: boolean): number {
  const contents = start + 8;
  if (!packet.has(contents)) return end;
  const ports = [packet.word(start), packet.word(start + 2)];
  if (!quoted) packet.seen.udp(ports, packet.byte(contents + 2));
  return ports.some((port) => openPorts.includes(port)) ? end : contents;
}

/** Errors, RFC 792: they quote at least the header that they are about, Linux as much as fits. */
const quotingErrors = [3, 4, 5, 11, 12];

function keptOfIcmp(packet: Packet, start: number, end: number): number {
  const type = packet.byte(start);
  packet.seen.icmp(type === 3 || type === 11);
  const contents = start + 8;
  if (!packet.has(contents)) return end;
  return quotingErrors.includes(type) ? keptOfIpv4(packet, contents, true) : contents;
}

function keptOfIcmp6(packet: Packet, start: number, end: number): number {
  const type = packet.byte(start);
  packet.seen.icmp(type === 1 || type === 3);
  const contents = start + 8;
  if (!packet.has(contents)) return end;
  // RFC 4443 section 2.1: errors have the types below 128, and quote.
  if (type < 128) return keptOfIpv6(packet, contents, true);
  // Neighbour and multicast listener discovery, RFC 4861 and 3810; others may carry anything.
  return (type >= 130 && type <= 137) || type === 143 ? end : contents;
}
